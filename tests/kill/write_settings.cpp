// Writes settings without end, each with another width of the window, and says which: for kill_at_random.py.
#include <chrono>
#include <cstdio>
#include <thread>

#include "session/settings_file.h"

int main(int argc, char** argv) {
    if (argc != 2) return 2;
    headlight::SettingsWriter writer(
        argv[1], [](const headlight::Error& error) { std::fprintf(stderr, "%s\n", error.message.c_str()); });
    headlight::Settings settings = headlight::load_settings(argv[1]).settings;
    for (int width = settings.window_width;; width = width < 16'000 ? width + 1 : 320) {
        settings.window_width = width;
        writer.schedule(settings);
        std::printf("%d\n", width);
        std::fflush(stdout);
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}
