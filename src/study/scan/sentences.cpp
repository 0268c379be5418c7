// Reads, chooses and tokenizes the sentences of CoNLL-U files.
#include "study/scan/sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <tuple>

#include "base/text_file.h"
#include "study/scan/random.h"

namespace headlight {
namespace {

/// A sentence with the hash that it stands in the draw with.
struct SentenceTicket {
    std::uint64_t hash = 0;
    std::string file;
    std::int64_t number = 0;
    ConlluSentence sentence;
};

Result<std::vector<ConlluSentence>> read_conllu(const std::string& path) {
    HEADLIGHT_TRY(const std::string text, read_text(path, kMostConlluBytes));
    auto sentences = parse_conllu(text);
    if (!sentences) return fail(std::move(sentences).error().in_file(path));
    return sentences;
}

/// Every sentence of the files, each text once, in the order of the draw.
Result<std::vector<SentenceTicket>> draw_sentences(const SentenceRequest& request, const JobContext& job) {
    std::vector<SentenceTicket> tickets;
    std::set<std::string> known;
    std::vector<std::string> paths = request.paths;  // the order in which they are named must not matter
    std::sort(paths.begin(), paths.end());
    for (const std::string& path : paths) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while reading sentences");
        job.report({"reading sentences", -1, path});
        HEADLIGHT_TRY(auto sentences, read_conllu(path));
        const std::string file = std::filesystem::path(path).filename().string();
        for (std::size_t i = 0; i < sentences.size(); ++i) {
            if (!known.insert(sentences[i].text).second) continue;
            tickets.push_back({scan_hash(request.seed, hash_bytes(sentences[i].text)), file,
                               static_cast<std::int64_t>(i), std::move(sentences[i])});
        }
    }
    std::sort(tickets.begin(), tickets.end(), [](const SentenceTicket& a, const SentenceTicket& b) {
        return std::tie(a.hash, a.sentence.text) < std::tie(b.hash, b.sentence.text);
    });
    return tickets;
}

/// With the tokens that the tokenizer adds to a text, and the model's BOS in front where it adds none.
Result<std::vector<Token>> tokens_of(const std::string& text, const Tokenizer& tokenizer) {
    HEADLIGHT_TRY(TokenizedText encoded, tokenizer.try_encode(text, true));
    std::vector<Token> tokens = std::move(encoded.tokens);
    if (tokenizer.bos_id() < 0 || (!tokens.empty() && tokens.front().is_special)) return tokens;
    HEADLIGHT_TRY(Token bos, tokenizer.token(tokenizer.bos_id()));
    bos.is_special = true;
    bos.byte_begin = bos.byte_end = 0;
    tokens.insert(tokens.begin(), std::move(bos));
    return tokens;
}

}  // namespace

Result<SentenceSelection> select_sentences(const SentenceRequest& request, const Tokenizer& tokenizer,
                                           const JobContext& job) {
    if (request.paths.size() > kMostConlluFiles)
        return fail(ErrorKind::InvalidInput, "{} CoNLL-U files were named; at most {} are read",
                    request.paths.size(), kMostConlluFiles);
    SentenceSelection selection;
    for (const std::string& path : request.paths)
        selection.files.push_back(std::filesystem::path(path).filename().string());
    std::sort(selection.files.begin(), selection.files.end());
    HEADLIGHT_TRY(std::vector<SentenceTicket> tickets, draw_sentences(request, job));
    const int num_found = static_cast<int>(tickets.size());
    for (SentenceTicket& ticket : tickets) {
        if (job.should_stop()) return fail(ErrorKind::Cancelled, "stopped while choosing sentences");
        const bool is_discovery = (mix_bits(ticket.hash) & 1) != 0;
        std::vector<GoldSentence>& half = is_discovery ? selection.discovery : selection.confirmation;
        const int wanted =
            is_discovery ? request.num_sentences / 2 : request.num_sentences - request.num_sentences / 2;
        if (static_cast<int>(half.size()) >= wanted) continue;
        HEADLIGHT_TRY(std::vector<Token> tokens, tokens_of(ticket.sentence.text, tokenizer));
        if (static_cast<int>(tokens.size()) > request.most_tokens) {
            ++selection.num_left_out;
            continue;
        }
        RelationText relations = gold_relations(ticket.sentence, tokens);
        half.push_back({fmt::format("{}, sentence {}", ticket.file, ticket.number + 1), ticket.number,
                        std::move(tokens), std::move(relations)});
    }
    if (selection.discovery.empty() || selection.confirmation.empty())
        return fail(ErrorKind::InvalidInput,
                    "the CoNLL-U files have too few sentences for two halves: {} different ones, {} of them "
                    "longer than "
                    "{} tokens; name more with --conllu, or a larger --length",
                    num_found, selection.num_left_out, request.most_tokens);
    return selection;
}

}  // namespace headlight
