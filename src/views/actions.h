// What a view asks for: commands of the registry, run after the frame. Views never change the session
// themselves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/head_id.h"
#include "session/command.h"

namespace headlight {

class Actions {
  public:
    void run(std::string command, std::vector<std::string> arguments = {});

    void select_head(HeadId head, bool adds = false);
    void choose_query(int query);
    void choose_key(int key);  // -1: none
    /// The same by a token, where rows and columns may be words.
    void choose_query_token(int token);
    void choose_key_token(int token);
    /// One of the settings that have a command of their own name: "tint", "order", "metrics", "flow" ...
    void set(std::string_view command, std::string_view value);
    void set_number(std::string_view command, double value);

    const std::vector<CommandCall>& calls() const { return calls_; }
    std::vector<CommandCall> take();

  private:
    std::vector<CommandCall> calls_;
};

}  // namespace headlight
