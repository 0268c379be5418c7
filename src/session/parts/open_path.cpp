// What a path is, and who opens it.
#include "session/parts/open_path.h"

#include "io/attention/attention_dump.h"
#include "io/checkpoint/model_path.h"
#include "io/torch/torch_file.h"
#include "session/model_folder.h"

namespace headlight {
namespace {

Opened ask_about_code(const std::string& path) {
    Opened out;
    out.question = OpenQuestion{OpenQuestion::Kind::RunsCode,
                                path,
                                fmt::format("{} is a TorchScript program, not only weights. To take its "
                                            "weights out, code in the file is run on "
                                            "this machine with your rights. Open it only if you trust where "
                                            "it came from; the same weights as "
                                            "safetensors open without this.",
                                            name_of_path(path)),
                                {}};
    return out;
}

}  // namespace

Result<Opened> open_path(Engine*& engine, const SessionOptions& options, const OpenRequest& asked,
                         bool is_stored, const JobContext& job) {
    OpenRequest request = asked;
    // What is found nowhere is for the reader, which says where it looked.
    if (auto found = resolve_model_path(asked.path)) request.path = std::move(*found);
    if (!is_stored && !holds_model(request.path)) {
        Opened out;
        HEADLIGHT_CHECK(open_beside(request, asked.path, out, job));
        if (out.atlas || out.training) return out;
    }
    if (is_stored || looks_like_attention_dump(request.path)) return open_stored_trace(request, job);
    if (!request.choices.trusts_torchscript && is_torchscript(request.path))
        return ask_about_code(request.path);
    if (engine == nullptr) {
        if (!options.engine)
            return fail(ErrorKind::Unsupported, "this session has no engine to run models with");
        job.report({"starting the engine", -1, {}});
        HEADLIGHT_TRY(engine, options.engine());
        engine->set_num_threads(options.num_threads);
    }
    HEADLIGHT_TRY(Opened out, open_live_model(*engine, request, job));
    if (const Status beside = open_beside(request, asked.path, out, job); !beside && !is_stored)
        out.beside_warning = beside.error().to_string();
    return out;
}

}  // namespace headlight
