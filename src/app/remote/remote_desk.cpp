#include "app/remote/remote_desk.h"

#include "app/remote/remote_state.h"
#include "gfx/image.h"
#include "io/remote/runtime_folder.h"
#include "ui/window.h"

namespace headlight {
namespace {

/// Why the open that was waited for failed; nullopt: it did not.
std::optional<Error> open_problem(Session& session) {
    const Snapshot& now = session.snapshot();
    if (now.open_question) {
        const OpenQuestion question = *now.open_question;
        session.drop_open_question();
        return make_error(ErrorKind::InvalidInput, "{}", question.sentence).with_choices(question.answers);
    }
    if (!now.open_error) return std::nullopt;
    const Notice& said = *now.open_error;
    return make_error(ErrorKind::InvalidInput, "{}{}{}", said.text, said.details.empty() ? "" : "\n",
                      said.details);
}

bool flag_of(const nlohmann::json& header, const char* key) {
    const auto found = header.find(key);
    return found != header.end() && found->is_boolean() && found->get<bool>();
}

/// Made on the server's thread.
RemoteReply::Give state_of(const Snapshot& now) {
    return [now] {
        nlohmann::json state = remote_state(now);
        state["ok"] = true;
        return RemoteAnswer{std::move(state), {}};
    };
}

RemoteAnswer picture_answer(const gfx::Image& image) {
    auto bytes = gfx::png_bytes(image);
    if (!bytes) return {error_header(bytes.error()), {}};
    return {{{"ok", true}, {"format", "png"}, {"width", image.width}, {"height", image.height}},
            std::move(*bytes)};
}

}  // namespace

Status RemoteDesk::listen(const std::string& path, const std::string& program) {
    RemoteServerOptions options;
    options.path = path;
    if (path.empty()) {
        HEADLIGHT_TRY(options.path, own_socket_path());
    }
    options.program = program;
    options.handle = [this](RemoteCall call) {
        const auto shared = std::make_shared<RemoteCall>(std::move(call));
        inbox_.post([this, shared] { calls_.push_back(std::move(*shared)); });
    };
    HEADLIGHT_TRY(server_, RemoteServer::start(std::move(options)));
    return {};
}

bool RemoteDesk::step(CommandContext& context, bool is_settled) {
    const auto messages = inbox_.take();
    for (const Mailbox::Message& message : messages)
        message();
    for (RemoteCall& call : std::exchange(calls_, {}))
        handle(context, std::move(call));
    bool has_finished = false;
    for (Job& job : std::exchange(jobs_, {})) {
        const Status waited = job.wait.step(context, is_settled);
        if (!waited) {
            job.reply.refuse(waited.error());
        } else if (job.wait.is_finished()) {
            finish(context, std::move(job));
        } else {
            jobs_.push_back(std::move(job));
            continue;
        }
        has_finished = true;
    }
    return !messages.empty() || has_finished;
}

void RemoteDesk::handle(CommandContext& context, RemoteCall call) {
    const std::string message = text_of(call.header, "message").value_or("");
    Status done;
    if (message == "command") {
        done = run_line(context, call);
    } else if (message == "open") {
        done = open(context, call);
    } else if (message == "wait") {
        done = wait(Job::Kind::Wait, call);
    } else if (message == "screenshot") {
        done = wait(Job::Kind::Picture, call);
    } else if (message == "state" && !flag_of(call.header, "now")) {
        done = wait(Job::Kind::State, call);
    } else if (message == "state" || message == "snapshot") {
        call.reply.give(state_of(context.session.snapshot()));
    } else if (message == "attention") {
        auto give = remote_attention(context.session.snapshot(), call.header);
        if (give)
            call.reply.give(std::move(*give));
        else
            done = fail(std::move(give).error());
    } else {
        done = fail(ErrorKind::Unsupported,
                    "there is no message '{}'; there are command, open, wait, screenshot, state, attention",
                    message.substr(0, 40));
    }
    if (!done) call.reply.refuse(done.error());
}

/// A line as in a script. `wait` is answered when the window has come to rest, all others at once.
Status RemoteDesk::run_line(CommandContext& context, RemoteCall& call) {
    HEADLIGHT_TRY(const std::string line, text_of(call.header, "line"));
    if (line.find('\n') != std::string::npos)
        return fail(ErrorKind::InvalidInput,
                    "a command is one line; write a line break inside quotes as \\n");
    HEADLIGHT_TRY(const auto parsed, parse_command(line));
    if (!parsed) return fail(ErrorKind::InvalidInput, "the command is empty");
    if (parsed->id == "wait") {
        HEADLIGHT_TRY(Script script, Script::from_text(line, "the command"));
        jobs_.push_back({Job::Kind::Wait, std::move(script), std::move(call.reply), {}});
        return {};
    }
    HEADLIGHT_CHECK(run_command(context, *parsed));
    call.reply.accept();
    return {};
}

Status RemoteDesk::open(CommandContext& context, RemoteCall& call) {
    if (!call.payload) return fail(ErrorKind::Missing, "nothing came with the message 'open'");
    OpenChoices choices;
    choices.axes = text_of(call.header, "axes").value_or("");
    choices.sent = std::move(call.payload);
    context.session.open(choices.sent->path(), choices);
    return wait(Job::Kind::Open, call);
}

Status RemoteDesk::wait(Job::Kind kind, RemoteCall& call) {
    const auto seconds = call.header.find("seconds");
    const bool is_limited = seconds != call.header.end() && seconds->is_number();
    const std::string line = is_limited ? fmt::format("wait {}", seconds->get<double>()) : "wait";
    HEADLIGHT_TRY(Script script, Script::from_text(line, "what was asked of the window"));
    jobs_.push_back({kind, std::move(script), std::move(call.reply), {}});
    return {};
}

void RemoteDesk::finish(CommandContext& context, Job job) {
    const Snapshot& now = context.session.snapshot();
    switch (job.kind) {
        case Job::Kind::Wait:
            return job.reply.accept();
        case Job::Kind::Picture:
            return pictures_.push_back(std::move(job.reply));
        case Job::Kind::State:
            return job.reply.give(state_of(now));
        case Job::Kind::Open:
            if (const auto error = open_problem(context.session)) return job.reply.refuse(*error);
            return job.reply.accept({{"shown_ms", job.watch.milliseconds()},
                                     {"model", now.model ? now.model->spec.name : std::string()}});
    }
}

void RemoteDesk::take_pictures(const ui::Window& window) {
    for (RemoteReply& reply : std::exchange(pictures_, {})) {
        auto image = window.screenshot();
        if (!image) {
            reply.refuse(image.error());
            continue;
        }
        reply.give([picture = std::make_shared<const gfx::Image>(std::move(*image))] {
            return picture_answer(*picture);
        });
    }
}

}  // namespace headlight
