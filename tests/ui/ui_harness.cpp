#include "ui/ui_harness.h"

#include <doctest/doctest.h>

#include <cmath>

#include "base/utf8.h"

namespace headlight::test {
namespace {

// A context of its own for each harness; made before the kit, which loads fonts into it.
gfx::ShapedTextCache::Mode make_context() {
    ImGui::CreateContext();
    ImGuiIO& io = ImGui::GetIO();
    io.IniFilename = nullptr;
    io.BackendFlags |= ImGuiBackendFlags_RendererHasVtxOffset;
    for (int key = 0; key < ImGuiKey_COUNT; ++key)
        io.KeyMap[key] = key;
    return gfx::ShapedTextCache::Mode::MeasureOnly;
}

}  // namespace

UiHarness::UiHarness(float width, float height, ui::ThemeKind theme, float scale) : kit_(make_context()) {
    ImGuiIO& io = ImGui::GetIO();
    io.DisplaySize = {width, height};
    io.MousePos = {-1000, -1000};
    io.ClipboardUserData = this;
    io.GetClipboardTextFn = [](void* self) { return static_cast<UiHarness*>(self)->clipboard_.c_str(); };
    io.SetClipboardTextFn = [](void* self, const char* text) {
        static_cast<UiHarness*>(self)->clipboard_ = text;
    };
    kit_.configure(theme, scale);
    kit_.recorder.is_on = true;
    previous_kit_ = ui::set_current_kit(&kit_);
}

UiHarness::~UiHarness() {
    ui::set_current_kit(previous_kit_);
    ImGui::DestroyContext();
}

void UiHarness::one_frame(float delta_s) {
    ImGuiIO& io = ImGui::GetIO();
    io.DeltaTime = delta_s;
    kit_.typed_utf8 = typed_;
    for (std::size_t byte = 0; byte < typed_.size();) {
        const auto decoded = utf8::decode(typed_, byte);
        io.AddInputCharacter(static_cast<unsigned>(decoded.code_point));
        byte += decoded.size_bytes;
    }
    typed_.clear();
    kit_.wants_redraw = false;
    kit_.redraw_at = 0;
    ImGui::NewFrame();
    kit_.begin_frame();
    if (draw) draw();
    kit_.end_frame();
    ImGui::Render();
    num_vertices_ = ImGui::GetDrawData()->TotalVtxCount;
    io.MouseWheel = 0;
}

void UiHarness::frames(int count) {
    for (int i = 0; i < count; ++i)
        one_frame(1.0f / 60);
}

void UiHarness::pass_time(double seconds) {
    for (int i = 0; i < static_cast<int>(std::ceil(seconds * 10)); ++i)
        one_frame(0.1f);
}

void UiHarness::resize(float width, float height) {
    ImGui::GetIO().DisplaySize = {width, height};
    frames(2);
}

const ui::RecordedItem& UiHarness::item(std::string_view name) const {
    const ui::RecordedItem* found = kit_.recorder.find(name);
    std::string present;
    if (found == nullptr) {
        for (const auto& each : kit_.recorder.items())
            present += " '" + each.label + "'";
    }
    REQUIRE_MESSAGE(found != nullptr,
                    "no item '" << std::string(name) << "' on screen; there are:" << present);
    return *found;
}

void UiHarness::move_mouse(ImVec2 pos) {
    ImGui::GetIO().MousePos = pos;
    frames(2);
}

void UiHarness::press_mouse(int button) {
    ImGui::GetIO().MouseDown[button] = true;
    frames(1);
    ImGui::GetIO().MouseDown[button] = false;
    frames(2);
}

void UiHarness::hover(std::string_view name) {
    const ui::RecordedItem& target = item(name);
    move_mouse({0.5f * (target.min.x + target.max.x), 0.5f * (target.min.y + target.max.y)});
}

void UiHarness::click(std::string_view name, int button) {
    if (kit_.recorder.items().empty()) frames(2);
    hover(name);
    pass_time(0.5);  // so that two clicks of a test are not a double click
    press_mouse(button);
}

void UiHarness::double_click(std::string_view name) {
    hover(name);
    pass_time(0.5);
    press_mouse();
    press_mouse();
}

void UiHarness::click_at(std::string_view name, float share_x, float share_y) {
    const ui::RecordedItem& target = item(name);
    move_mouse({target.min.x + share_x * (target.max.x - target.min.x),
                target.min.y + share_y * (target.max.y - target.min.y)});
    pass_time(0.5);
    press_mouse();
}

void UiHarness::drag(ImVec2 from, ImVec2 to) {
    move_mouse(from);
    ImGui::GetIO().MouseDown[0] = true;
    frames(1);
    for (int step = 1; step <= 4; ++step) {
        const float t = static_cast<float>(step) / 4;
        ImGui::GetIO().MousePos = {from.x + t * (to.x - from.x), from.y + t * (to.y - from.y)};
        frames(1);
    }
    ImGui::GetIO().MouseDown[0] = false;
    frames(2);
}

void UiHarness::wheel(float steps) {
    ImGui::GetIO().MouseWheel = steps;
    frames(2);
}

void UiHarness::key(ImGuiKey key, bool ctrl, bool shift) {
    ImGuiIO& io = ImGui::GetIO();
    io.KeyCtrl = ctrl;
    io.KeyShift = shift;
    io.KeysDown[key] = true;
    frames(1);
    io.KeysDown[key] = false;
    io.KeyCtrl = io.KeyShift = false;
    frames(1);
}

void UiHarness::type(std::string_view utf8) {
    typed_ = utf8;
    frames(2);
}

}  // namespace headlight::test
