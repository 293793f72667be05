// Texts, one a line, behind two bytes of settings: fits, encodes, and reads back what it would write into a model.
#include "data/tokenizer.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  if (size < 2) return 0;
  data::EncodingConfig config;
  config.tokenizer = (data[0] & 1) != 0 ? statement::Tokenizer::kBytePair : statement::Tokenizer::kWord;
  config.lowercase = (data[0] & 2) != 0;
  config.min_count = 1 + (data[0] >> 2U & 3U);
  config.vocabulary = 1 + data[1] * 4U;
  config.length = 8;
  std::vector<std::string> texts(1);
  for (std::size_t i = 2; i < size; ++i) {
    if (data[i] == '\n') {
      texts.emplace_back();
    } else {
      texts.back() += static_cast<char>(data[i]);
    }
  }
  statement::EncodedColumn column;
  column.column = "x";
  column.type = statement::ColumnType::kText;
  if (!data::FitTokenizer(texts, config, &column).ok()) return 0;
  fuzz::Require(!column.vocabulary.empty() && column.vocabulary.size() <= config.vocabulary);
  data::TextEncoder encoder(column);
  std::uint32_t ids[8];
  for (const std::string& text : texts) {
    encoder.Encode(text, ids);
    for (const std::uint32_t id : ids) fuzz::Require(id < column.vocabulary.size() + statement::kFirstToken);
  }
  if (config.tokenizer == statement::Tokenizer::kBytePair) {
    statement::Encoding encoding;
    encoding.inputs = {column};
    encoding.classes = {"0", "1"};
    encoding.target = "y";
    const auto again = statement::ParseEncoding(statement::EncodingToJson(encoding));
    fuzz::Require(again.ok() && *again == encoding);
  }
  return 0;
}
