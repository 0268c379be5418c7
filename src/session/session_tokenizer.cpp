// Another tokenizer for the model that is open.
#include "session/session_impl.h"

namespace headlight {

void Session::use_tokenizer(const std::string& file) {
    impl_->use_tokenizer(file);
}

// On the model worker: it reads the file, and the next text is its tokens'.
void Session::Impl::use_tokenizer(const std::string& file) {
    const std::string what = "The tokenizer could not be changed";
    if (!snapshot.model || pending_open != 0)
        return notify_error(what, make_error(ErrorKind::Missing, "no model is open yet"));
    if (!snapshot.model->is_live && !request_live()) return notify_error(what, *why_not_live());
    if (!snapshot.model->is_live) {
        return notify_error(what,
                            make_error(ErrorKind::Missing, "the model is being loaded; choose again then"));
    }
    failure.reset();
    const std::uint64_t serial = pending_open = next_id++, tokenizer_id = next_id++;
    worker.submit({JobKind::Open, "Reading the tokenizer",
                   [this, file, serial, tokenizer_id, model_id = snapshot.model->id](const JobContext& job) {
                       auto info = guarded([&]() -> Result<std::shared_ptr<const ModelInfo>> {
                           if (!live.runner || live.info->id != model_id)
                               return fail(ErrorKind::Cancelled, "another model came");
                           HEADLIGHT_TRY(TokenizerPtr tokenizer, open_tokenizer(file));
                           auto next = std::make_shared<ModelInfo>(*live.info);
                           next->tokenizer_id = tokenizer_id;
                           next->tokenizer_note = tokenizer->source();
                           next->tokenizer = std::move(tokenizer);
                           return std::shared_ptr<const ModelInfo>(std::move(next));
                       });
                       if (job.should_stop()) return JobOutcome::Done;
                       if (info) live.info = *info;
                       mailbox.post([this, serial, info = std::move(info)] { take_tokenizer(serial, info); });
                       return JobOutcome::Done;
                   }});
    refresh_job();
}

void Session::Impl::take_tokenizer(std::uint64_t serial, Result<std::shared_ptr<const ModelInfo>> result) {
    const bool is_awaited = serial == pending_open;
    if (is_awaited) pending_open = 0;
    if (!result) {
        if (is_awaited && result.error().kind != ErrorKind::Cancelled)
            job_failed("The tokenizer could not be changed", result.error());
        return;
    }
    // Also when somebody cancelled meanwhile: the worker reads with it already.
    if (!snapshot.model || (*result)->id != snapshot.model->id) return;
    snapshot.model = std::move(*result);
    wanted_text_id = new_text_id();  // the same text, other tokens
    drop_strangers();
    request_text();
}

}  // namespace headlight
