// The other side of a comparison: a Python interpreter that runs a script of ours and answers line by line.
#pragma once

#include <sys/types.h>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace headlight {

class ReferenceProcess {
  public:
    /// `script` reads a line and prints one, again and again; `needs` names the packages that it imports, for
    /// messages. Errors: Unsupported (the interpreter cannot be run), Internal.
    static Result<std::unique_ptr<ReferenceProcess>> start(const std::string& python, const char* script,
                                                           const std::vector<std::string>& arguments,
                                                           const std::string& needs);
    ReferenceProcess(const ReferenceProcess&) = delete;
    ReferenceProcess& operator=(const ReferenceProcess&) = delete;
    /// Ends the process.
    ~ReferenceProcess();

    /// Sends the line and waits for the answer; neither has a line feed. Errors: Unsupported (the process
    /// ended, with the last of what it said).
    Result<std::string> ask(const std::string& line);

  private:
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
    ReferenceProcess(std::string python, std::string needs, File words)
        : python_(std::move(python)), needs_(std::move(needs)), words_(std::move(words)) {}
    /// The last of what it wrote to standard error.
    std::string last_words() const;

    std::string python_, needs_;
    std::string unread_;  // behind the last answer
    File words_;
    int line_ = -1;  // our end of the socket
    pid_t child_ = -1;
};

}  // namespace headlight
