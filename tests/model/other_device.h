// A device for tests whose memory cannot be read by address: LibTorch copies its tensors to the processor for
// every operation. What runs there mixes no devices and reads no tensor as if it lay on the processor, which
// a run on the processor cannot show.
#pragma once

#include <c10/core/Device.h>

namespace headlight::test {

c10::Device other_device();

}  // namespace headlight::test
