// The window's input: from GLFW to Dear ImGui, keys through a queue.
#include <GLFW/glfw3.h>
#include <backends/imgui_impl_glfw.h>
#include <imgui.h>

#include <algorithm>

#include "base/utf8.h"
#include "ui/window.h"

namespace headlight::ui {
namespace {

Window* window_of(GLFWwindow* handle) {
    return static_cast<Window*>(glfwGetWindowUserPointer(handle));
}

}  // namespace

void Window::install_callbacks() {
    // Keys wait in a queue for the frame that shows them; all else goes to ImGui's back end at once.
    glfwSetWindowUserPointer(window_, this);
    glfwSetCharCallback(window_, [](GLFWwindow* handle, unsigned code_point) {
        window_of(handle)->push_key({.typed = code_point});
    });
    glfwSetKeyCallback(window_, [](GLFWwindow* handle, int key, int scancode, int action, int mods) {
        window_of(handle)->push_key({key, scancode, action, mods});
    });
    glfwSetMouseButtonCallback(window_, [](GLFWwindow* handle, int button, int action, int mods) {
        ImGui_ImplGlfw_MouseButtonCallback(handle, button, action, mods);
        window_of(handle)->frames_due_ = 3;
    });
    glfwSetScrollCallback(window_, [](GLFWwindow* handle, double x, double y) {
        ImGui_ImplGlfw_ScrollCallback(handle, x, y);
        window_of(handle)->frames_due_ = 3;
    });
    glfwSetCursorEnterCallback(window_, [](GLFWwindow* handle, int is_inside) {
        ImGui_ImplGlfw_CursorEnterCallback(handle, is_inside);
        window_of(handle)->frames_due_ = 2;
    });
    glfwSetWindowFocusCallback(window_, [](GLFWwindow* handle, int is_focused) {
        ImGui_ImplGlfw_WindowFocusCallback(handle, is_focused);
        window_of(handle)->frames_due_ = 2;
    });
    glfwSetMonitorCallback(ImGui_ImplGlfw_MonitorCallback);
    glfwSetCursorPosCallback(window_, [](GLFWwindow* handle, double, double) {
        window_of(handle)->frames_due_ = std::max(window_of(handle)->frames_due_, 2);
    });
    glfwSetFramebufferSizeCallback(window_, [](GLFWwindow* handle, int, int) {
        window_of(handle)->frames_due_ = 3;
        window_of(handle)->must_show_ = true;
    });
    glfwSetWindowRefreshCallback(window_, [](GLFWwindow* handle) {
        window_of(handle)->frames_due_ = 2;
        window_of(handle)->must_show_ = true;
    });
    glfwSetWindowContentScaleCallback(window_, [](GLFWwindow* handle, float, float) {
        window_of(handle)->is_configured_ = false;
        window_of(handle)->frames_due_ = 3;
    });
    glfwSetDropCallback(window_, [](GLFWwindow* handle, int count, const char** paths) {
        Window* window = window_of(handle);
        window->frames_due_ = 3;
        if (window->on_drop) window->on_drop(std::vector<std::string>(paths, paths + count));
    });
}

void Window::push_key(const KeyEvent& event) {
    keys_.push(event);
    frames_due_ = 3;
    if (!key_at_) key_at_ = std::chrono::steady_clock::now();
}

void Window::feed_keys() {
    ImGuiIO& io = ImGui::GetIO();
    for (const KeyEvent& event : keys_.take_frame(io.WantTextInput)) {
        if (event.key == 0) {
            utf8::append(kit_->typed_utf8, static_cast<char32_t>(event.typed));
            ImGui_ImplGlfw_CharCallback(window_, event.typed);
            continue;
        }
        ImGui_ImplGlfw_KeyCallback(window_, event.key, event.scancode, event.action, event.mods);
        if (event.action == GLFW_RELEASE) continue;
        io.KeyCtrl |= (event.mods & KeyQueue::kCtrl) != 0;
        io.KeyShift |= (event.mods & KeyQueue::kShift) != 0;
        io.KeyAlt |= (event.mods & KeyQueue::kAlt) != 0;
    }
    if (!keys_.is_empty()) frames_due_ = std::max(frames_due_, 2);
}

}  // namespace headlight::ui
