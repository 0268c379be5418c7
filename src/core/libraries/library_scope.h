// Where the symbols of LibTorch are looked for.
#pragma once

namespace headlight {

/// Flags for dlopen() of the engine and of LibTorch. Their 140,000 symbols are looked for in their own
/// libraries first: the fifty libraries of the window would be asked before for each of them, which takes as
/// long as a quarter of all the rest. Nothing of this program is hidden from them by that, since it gives
/// them no symbols and takes no copies of the variables of libraries (cmake/HeadlightOptions.cmake). Where
/// somebody has put another allocator in the place of the system's, its functions stay the first: what one
/// allocates the other must be able to free.
int library_scope();

}  // namespace headlight
