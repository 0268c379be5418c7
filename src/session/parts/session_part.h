// One part of a session: its own state, and what the session tells all parts.
#pragma once

namespace headlight {

class SessionPart {
  public:
    virtual ~SessionPart() = default;
    /// Lets go of what is not of the open model, its tokenizer or its text, whoever brought it and however
    /// late. Called after every message of a worker, and wherever the session's own thread changes hands.
    virtual void drop_strangers() {}
    /// The user cancels what runs: nobody waits for it any more. The workers are told afterwards.
    virtual void cancel() {}
};

}  // namespace headlight
