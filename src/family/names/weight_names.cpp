#include "family/names/weight_names.h"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <set>

#include "family/names/weight_front.h"
#include "family/tensor_names.h"
#include "family/ties.h"

namespace headlight {
namespace {

constexpr std::size_t kMostNamed = 8;
// Heads that read the last layer in place of the one that predicts tokens.
constexpr std::string_view kOtherHeads[] = {"score.", "classifier.", "classification_head.", "qa_outputs.",
                                            "lm_head."};
constexpr const char* kOtherTasks[] = {"ForSequenceClassification", "ForTokenClassification",
                                       "ForQuestionAnswering", "ForMultipleChoice", "RewardModel"};
// Parts of the names in a further block that predicts more tokens at once.
constexpr std::string_view kPredictorParts[] = {".eh_proj.", ".enorm.", ".hnorm.", ".shared_head."};

/// "h.0.attn.c_attn.weight" -> "h."; empty for what is in no layer.
std::string_view layers_of(std::string_view name) {
    for (std::size_t dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
        const std::size_t end = std::min(name.find('.', dot + 1), name.size());
        const std::string_view part = name.substr(dot + 1, end - dot - 1);
        const bool is_number = !part.empty() && std::all_of(part.begin(), part.end(), [](unsigned char c) {
            return std::isdigit(c) != 0;
        });
        if (is_number) return name.substr(0, dot + 1);
    }
    return {};
}

std::string_view module_of(std::string_view name) {
    return name.substr(0, name.rfind('.') + 1);  // nothing where there is no dot
}

std::string_view first_part(std::string_view name) {
    return name.substr(0, name.find('.'));
}

bool is_head_slot(std::string_view slot) {
    if (slot.starts_with("decoder.")) slot.remove_prefix(sizeof("decoder.") - 1);
    return slot.starts_with("head");
}

/// What a tensor may not be called if it is to be left out: it would belong to what attention is made of.
class Body {
  public:
    explicit Body(const std::vector<FileWeight>& table) {
        for (const FileWeight& entry : table) {
            if (is_head_slot(entry.slots.front())) continue;
            modules_.insert(std::string(module_of(entry.name)));
            layers_.insert(std::string(layers_of(entry.name)));
        }
        layers_.erase("");
    }
    void add_predictors(const std::vector<TensorInfo>& tensors, const std::string& prefix) {
        for (const TensorInfo& tensor : tensors) {
            const std::string_view name = bare(tensor.name, prefix);
            for (const std::string_view part : kPredictorParts) {
                if (name.find(part) != std::string_view::npos) predictors_.insert(layer_of(name));
            }
        }
        predictors_.erase("");
    }
    bool holds(std::string_view name) const {
        const std::string layer = layer_of(name);
        if (!layer.empty()) return predictors_.count(layer) == 0;
        const std::string_view first = first_part(name);
        return modules_.count(std::string(module_of(name))) != 0 ||
               first.find("embed") != std::string_view::npos || first == "wpe" || first == "wte";
    }
    static std::string_view bare(std::string_view name, const std::string& prefix) {
        if (!prefix.empty() && name.starts_with(prefix)) name.remove_prefix(prefix.size());
        return name;
    }

  private:
    /// "layers.3." where the name lies in a layer of the family.
    std::string layer_of(std::string_view name) const {
        const std::string layers(layers_of(name));
        if (layers_.count(layers) == 0) return {};
        return std::string(name.substr(0, name.find('.', layers.size()) + 1));
    }

    std::set<std::string> modules_, layers_, predictors_;
};

/// Both tables of an architecture: an own head counts as known where the config ties it.
std::vector<FileWeight> whole_table(const Family& family, const Architecture& arch) {
    std::vector<FileWeight> table = family.file_weights(arch);
    if (arch.decoder != nullptr || !arch.is_head_tied) return table;
    Architecture untied = arch;
    untied.is_head_tied = false;
    std::vector<FileWeight> more = family.file_weights(untied);
    table.insert(table.end(), more.begin(), more.end());
    return table;
}

bool names_other_task(const nlohmann::json& config) {
    const auto classes = config.is_object() ? config.find("architectures") : config.end();
    if (classes == config.end() || !classes->is_array() || classes->empty() || !classes->front().is_string())
        return false;
    const auto& name = classes->front().get_ref<const std::string&>();
    return std::any_of(std::begin(kOtherTasks), std::end(kOtherTasks),
                       [&](const char* task) { return name.find(task) != std::string::npos; });
}

/// Is there a head of another kind, in the config's words or the file's?
bool has_other_head(const Checkpoint& checkpoint) {
    const auto is_other = [](std::string_view name) {
        return std::any_of(std::begin(kOtherHeads), std::end(kOtherHeads), [&](std::string_view head) {
            const std::size_t at = name.rfind(head);
            return at != std::string_view::npos && (at == 0 || name[at - 1] == '.');
        });
    };
    return names_other_task(checkpoint.config) ||
           std::any_of(checkpoint.left_out.begin(), checkpoint.left_out.end(), is_other);
}

/// Does the file lack a part of the head, or hold another over a table that is tied?
bool is_head_absent(const Family& family, const Architecture& arch, const Checkpoint& checkpoint) {
    const std::vector<FileWeight> table = family.file_weights(arch);
    const std::string prefix = prefix_in(family, table, checkpoint);
    const bool is_absent = std::any_of(table.begin(), table.end(), [&](const FileWeight& entry) {
        return is_head_slot(entry.slots.front()) && find_entry(entry, prefix, checkpoint) == nullptr;
    });
    if (is_absent) return true;
    return arch.decoder == nullptr && arch.is_head_tied && !arch.is_masked_head && has_other_head(checkpoint);
}

bool predicts(const Architecture& arch) {
    return arch.decoder != nullptr ? arch.decoder->has_head : arch.has_head;
}

void drop_absent_head(const Family& family, Architecture& arch, const Checkpoint& checkpoint) {
    if (!predicts(arch) || !is_head_absent(family, arch, checkpoint)) return;
    if (arch.decoder == nullptr) {
        arch.has_head = false;
        return;
    }
    auto decoder = std::make_shared<Architecture>(*arch.decoder);
    decoder->has_head = decoder->has_head_bias = false;
    arch.decoder = std::move(decoder);
}

/// The adapters of LoRA change the projections that attention is made of.
Status refuse_adapters(const Checkpoint& checkpoint) {
    std::vector<std::string> adapters;
    for (const TensorInfo& tensor : checkpoint.tensors) {
        if (tensor.name.find("lora_") != std::string::npos) adapters.push_back(tensor.name);
    }
    if (adapters.empty()) return {};
    return fail(make_error(ErrorKind::Unsupported,
                           "the checkpoint holds {} LoRA weight(s) that are not merged into the model's own: "
                           "{}. Merge them (merge_and_unload() of peft) and save the model again",
                           adapters.size(), some_of(adapters))
                    .in_file(checkpoint.path)
                    .at_tensor(adapters.front()));
}

/// Takes wrappers' parts and `front` off; what does not begin with it is left out.
void rename_tensors(Checkpoint& checkpoint, const std::string& front) {
    std::vector<TensorInfo> kept;
    for (TensorInfo& tensor : checkpoint.tensors) {
        if (!tensor.name.starts_with(front) || tensor.name.size() == front.size()) {
            checkpoint.left_out.push_back(std::move(tensor.name));
            continue;
        }
        tensor.name.erase(0, front.size());
        kept.push_back(std::move(tensor));
    }
    checkpoint.tensors = std::move(kept);
}

/// Two names that wrappers alone set apart stay two.
void unwrap_names(Checkpoint& checkpoint) {
    std::set<std::string> names;
    for (const TensorInfo& tensor : checkpoint.tensors)
        names.insert(tensor.name);
    for (TensorInfo& tensor : checkpoint.tensors) {
        std::string bare = without_wrappers(tensor.name);
        if (names.insert(bare).second) tensor.name = std::move(bare);
    }
    std::sort(checkpoint.tensors.begin(), checkpoint.tensors.end(),
              [](const TensorInfo& a, const TensorInfo& b) { return a.name < b.name; });
}

void leave_out(const Family& family, const Architecture& arch, Checkpoint& checkpoint) {
    const std::vector<FileWeight> table = whole_table(family, arch);
    const std::string prefix = prefix_in(family, table, checkpoint);
    std::set<const TensorInfo*> known;
    for (const FileWeight& entry : table)
        known.insert(find_entry(entry, prefix, checkpoint));
    Body body(table);
    body.add_predictors(checkpoint.tensors, prefix);
    std::vector<TensorInfo> kept;
    for (TensorInfo& tensor : checkpoint.tensors) {
        const std::string_view bare = Body::bare(tensor.name, prefix);
        if (known.count(&tensor) != 0 || family.is_ignored(bare, arch) || body.holds(bare))
            kept.push_back(std::move(tensor));
        else
            checkpoint.left_out.push_back(std::move(tensor.name));
    }
    checkpoint.tensors = std::move(kept);
}

void note_names(const std::vector<WeightFront>& fronts, Checkpoint& checkpoint) {
    const std::string& front = fronts.front().front;
    if (!front.empty()) {
        std::string note = fmt::format("the model's weights are those whose names begin with '{}'", front);
        std::vector<std::string> others;
        for (std::size_t i = 1; i < fronts.size(); ++i)
            others.push_back("'" + fronts[i].front + "'");
        if (!others.empty()) note += "; there are also " + some_of(others);
        checkpoint.notes.push_back(std::move(note));
    }
    if (checkpoint.left_out.empty()) return;
    std::sort(checkpoint.left_out.begin(), checkpoint.left_out.end());
    checkpoint.notes.push_back(
        fmt::format("{} tensor(s) that the attention of this model does not need were left out: {}",
                    checkpoint.left_out.size(), some_of(checkpoint.left_out)));
}

}  // namespace

std::string some_of(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kMostNamed); ++i)
        text += (i ? ", " : "") + names[i];
    if (names.size() > kMostNamed) text += fmt::format(" and {} more", names.size() - kMostNamed);
    return text;
}

std::string why_absent(const Checkpoint& checkpoint, std::string_view name) {
    for (const auto& [absent, reason] : checkpoint.absent) {
        const bool is_whole = absent.size() == name.size() ||
                              (absent.size() > name.size() && absent[absent.size() - name.size() - 1] == '.');
        if (is_whole && absent.ends_with(name)) return " (" + reason + ")";
    }
    return {};
}

void adapt_to_tensors(const Family& family, Architecture& arch, const Checkpoint& checkpoint) {
    if (family.adapt != nullptr) family.adapt(arch, HasTensor(family, checkpoint));
    use_own_head(family, arch, checkpoint);
    drop_absent_head(family, arch, checkpoint);
}

Result<CheckpointPtr> name_weights(const CheckpointPtr& checkpoint) {
    if (checkpoint->is_named) return checkpoint;
    HEADLIGHT_CHECK(refuse_adapters(*checkpoint));
    const auto family = find_family(checkpoint->config, checkpoint->config_path);
    if (!family) return checkpoint;
    auto arch = read_architecture(**family, checkpoint->config, checkpoint->config_path);
    if (!arch) return checkpoint;
    auto named = std::make_shared<Checkpoint>(*checkpoint);
    unwrap_names(*named);
    const std::vector<WeightFront> fronts = weight_fronts(**family, *arch, named->tensors);
    if (fronts.empty()) return checkpoint;
    named->is_named = true;
    rename_tensors(*named, fronts.front().front);
    if ((*family)->adapt != nullptr) (*family)->adapt(*arch, HasTensor(**family, *named));
    leave_out(**family, *arch, *named);
    const bool was_predicting = predicts(*arch);
    drop_absent_head(**family, *arch, *named);
    const bool lost_head = was_predicting && !predicts(*arch);
    if (lost_head) leave_out(**family, *arch, *named);  // the rest of the head
    note_names(fronts, *named);
    if (lost_head)
        named->notes.push_back("the file holds no head that predicts tokens, so nothing is predicted");
    return CheckpointPtr(std::move(named));
}

}  // namespace headlight
