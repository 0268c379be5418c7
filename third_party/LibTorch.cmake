# LibTorch as own imported targets. The wheel's CMake package would mix in a packaged LibTorch if one is installed.
# TORCH_ROOT (an official LibTorch, with CUDA for one) wins over the copy that third_party/fetch_libtorch.sh keeps.
set(TORCH_ROOT "$ENV{TORCH_ROOT}" CACHE PATH "Folder with include/ and lib/ of LibTorch")
if(NOT TORCH_ROOT)
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/third_party/fetch_libtorch.sh --print-path
        OUTPUT_VARIABLE HEADLIGHT_TORCH_CACHE OUTPUT_STRIP_TRAILING_WHITESPACE)
    set(torch_root ${HEADLIGHT_TORCH_CACHE})
else()
    set(torch_root ${TORCH_ROOT})
endif()
if(NOT EXISTS ${torch_root}/lib/libtorch_cpu.so)
    message(FATAL_ERROR "LibTorch was not found in '${torch_root}'.\n"
        "Run third_party/install.sh, or set TORCH_ROOT to an unpacked LibTorch 2.1 or newer.")
endif()
# Searched after the system's folders (-idirafter): the wheel carries an fmt of its own, other than the one that is linked.
foreach(lib c10 torch_cpu)
    add_library(${lib} SHARED IMPORTED GLOBAL)
    set_target_properties(${lib} PROPERTIES IMPORTED_LOCATION ${torch_root}/lib/lib${lib}.so
        INTERFACE_COMPILE_OPTIONS
            "SHELL:-idirafter ${torch_root}/include;SHELL:-idirafter ${torch_root}/include/torch/csrc/api/include")
endforeach()
set(HEADLIGHT_TORCH_LIB_DIR ${torch_root}/lib)
# A LibTorch with CUDA (docs/devices.md). Nothing calls its CUDA libraries by name: they tell LibTorch what they can when
# they are loaded, so whatever is linked with LibTorch has to name them although it seems to need nothing of them.
set(HEADLIGHT_TORCH_CUDA OFF)
if(EXISTS ${torch_root}/lib/libtorch_cuda.so AND EXISTS ${torch_root}/lib/libc10_cuda.so)
    set(HEADLIGHT_TORCH_CUDA ON)
    set_property(TARGET torch_cpu PROPERTY INTERFACE_LINK_LIBRARIES
        "-Wl,--push-state,--no-as-needed,${torch_root}/lib/libtorch_cuda.so,${torch_root}/lib/libc10_cuda.so,--pop-state")
    message(STATUS "LibTorch: ${torch_root}, with CUDA: models can run on a GPU (--device cuda)")
else()
    message(STATUS "LibTorch: ${torch_root}, without CUDA: models run on the processor")
endif()
