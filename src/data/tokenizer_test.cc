// Tokenizers against values worked out by hand and against tests/oracle/tokenizer.py, which shares no code with them.
#include "data/tokenizer.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "data/test_tables.h"
#include "data/words.h"

namespace attestml::data {
namespace {

using statement::EncodedColumn;
using statement::Tokenizer;

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> out;
  Words words(text);
  for (std::string_view word; words.Next(&word);) out.emplace_back(word);
  return out;
}

EncodingConfig ConfigOf(Tokenizer tokenizer, std::uint32_t vocabulary, std::uint32_t length) {
  EncodingConfig config;
  config.tokenizer = tokenizer;
  config.vocabulary = vocabulary;
  config.length = length;
  return config;
}

EncodedColumn Fit(const std::vector<std::string>& texts, const EncodingConfig& config) {
  EncodedColumn column;
  column.type = statement::ColumnType::kText;
  const auto status = FitTokenizer(texts, config, &column);
  EXPECT_TRUE(status.ok()) << status.error().message;
  return column;
}

std::vector<std::uint32_t> IdsOf(TextEncoder* encoder, const EncodedColumn& column, std::string_view text) {
  std::vector<std::uint32_t> ids(column.length, 77);
  encoder->Encode(text, ids.data());
  return ids;
}

std::vector<std::uint32_t> IdsOf(const EncodedColumn& column, std::string_view text) {
  TextEncoder encoder(column);
  return IdsOf(&encoder, column, text);
}

using Ids = std::vector<std::uint32_t>;
using Texts = std::vector<std::string>;

TEST(WordsTest, AreRunsOfLettersAndSingleSigns) {
  EXPECT_EQ(WordsOf(""), Texts{});
  EXPECT_EQ(WordsOf(" \t\n\x7f"), Texts{});
  EXPECT_EQ(WordsOf("Wow... Loved it!"), (Texts{"Wow", ".", ".", ".", "Loved", "it", "!"}));
  EXPECT_EQ(WordsOf("don't 'quote' rock'n'roll ''"), (Texts{"don't", "'", "quote", "'", "rock'n'roll", "'", "'"}));
  EXPECT_EQ(WordsOf("a_b-c 4.5 caf\xc3\xa9"), (Texts{"a", "_", "b", "-", "c", "4", ".", "5", "caf\xc3\xa9"}));
}

TEST(WordsTest, LongRunsAreCutBetweenCharacters) {
  const std::string a(64, 'a');
  EXPECT_EQ(WordsOf(a), (Texts{a}));
  EXPECT_EQ(WordsOf(a + "b"), (Texts{a, "b"}));
  const std::string most(63, 'a');
  EXPECT_EQ(WordsOf(most + "\xc3\xa9z"), (Texts{most, "\xc3\xa9z"}));
  const std::string less(61, 'a');
  EXPECT_EQ(WordsOf(less + "\xf0\x9f\x98\x80z"), (Texts{less, "\xf0\x9f\x98\x80z"}));
  // Bytes that are no UTF-8 are cut all the same.
  EXPECT_EQ(WordsOf(std::string(130, '\x80')).size(), 3U);
}

TEST(TokenizerTest, WordsByCountThenBytes) {
  const Texts texts = {"The cat. the dog.", "A cat, a bird."};
  EncodingConfig config = ConfigOf(Tokenizer::kWord, 100, 6);
  const EncodedColumn all = Fit(texts, config);
  EXPECT_EQ(all.vocabulary, (Texts{".", "a", "cat", "the", ",", "bird", "dog"}));
  EXPECT_TRUE(all.merges.empty());
  EXPECT_EQ(IdsOf(all, "THE cat, ox"), (Ids{5, 4, 6, 1, 0, 0}));
  EXPECT_EQ(IdsOf(all, ". . . . . . a"), (Ids{2, 2, 2, 2, 2, 2}));
  EXPECT_EQ(IdsOf(all, ""), (Ids{0, 0, 0, 0, 0, 0}));
  config.vocabulary = 3;
  EXPECT_EQ(Fit(texts, config).vocabulary, (Texts{".", "a", "cat"}));
  config.vocabulary = 100;
  config.min_count = 2;
  EXPECT_EQ(Fit(texts, config).vocabulary, (Texts{".", "a", "cat", "the"}));
  config.lowercase = false;
  config.min_count = 1;
  EXPECT_EQ(Fit(texts, config).vocabulary, (Texts{".", "cat", ",", "A", "The", "a", "bird", "dog", "the"}));
}

TEST(TokenizerTest, BytePairsByHand) {
  // Words: low ×5, lower ×2, newest ×6, widest ×3 (Sennrich et al. 2016). Pairs (e,s) and (s,t) and (t, end) have 9
  // each: the first by bytes is (e,s).
  Texts texts;
  for (int i = 0; i < 5; ++i) texts.emplace_back("low");
  for (int i = 0; i < 2; ++i) texts.emplace_back("lower");
  for (int i = 0; i < 6; ++i) texts.emplace_back("newest");
  for (int i = 0; i < 3; ++i) texts.emplace_back("widest");
  const EncodedColumn column = Fit(texts, ConfigOf(Tokenizer::kBytePair, 11 + 4, 8));
  EXPECT_EQ(column.vocabulary,
            (Texts{" ", "d", "e", "i", "l", "n", "o", "r", "s", "t", "w", "es", "est", "est ", "lo"}));
  const std::vector<std::pair<std::string, std::string>> merges = {{"e", "s"}, {"es", "t"}, {"est", " "}, {"l", "o"}};
  EXPECT_EQ(column.merges, merges);
  EXPECT_EQ(IdsOf(column, "lowest"), (Ids{16, 12, 15, 0, 0, 0, 0, 0}));
  EXPECT_EQ(IdsOf(column, "Low x"), (Ids{16, 12, 2, 1, 2, 0, 0, 0}));
}

TEST(TokenizerTest, EqualNeighboursMergeFromTheLeft) {
  const EncodedColumn column = Fit({"aaa aaa"}, ConfigOf(Tokenizer::kBytePair, 3, 8));
  EXPECT_EQ(column.vocabulary, (Texts{" ", "a", "aa"}));
  EXPECT_EQ(IdsOf(column, "aaa"), (Ids{4, 3, 2, 0, 0, 0, 0, 0}));
}

TEST(TokenizerTest, BytesAreSpelledAsCharacters) {
  const EncodedColumn column = Fit({"\xc3\xa9 \xc3\xa9"}, ConfigOf(Tokenizer::kBytePair, 4, 3));
  // é is the bytes C3 A9, spelled Ã and ©.
  EXPECT_EQ(column.vocabulary, (Texts{" ", "\xc2\xa9", "\xc3\x83", "\xc2\xa9 "}));
  EXPECT_EQ(IdsOf(column, "\xc3\xa9"), (Ids{4, 5, 0}));
  statement::Encoding encoding;
  encoding.classes = {"0", "1"};
  encoding.target = "y";
  encoding.inputs = {column};
  encoding.inputs[0].column = "x";
  const auto read = statement::ParseEncoding(statement::EncodingToJson(encoding));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, encoding);
}

TEST(TokenizerTest, SaysWhenThereIsNothingToLearn) {
  EncodedColumn column;
  EXPECT_EQ(FitTokenizer({"", " "}, ConfigOf(Tokenizer::kWord, 9, 9), &column).error().id, "encoding.vocabulary");
  EncodingConfig rare = ConfigOf(Tokenizer::kWord, 9, 9);
  rare.min_count = 2;
  EXPECT_EQ(FitTokenizer({"a b c"}, rare, &column).error().id, "encoding.vocabulary");
  EXPECT_EQ(FitTokenizer({"abc"}, ConfigOf(Tokenizer::kBytePair, 3, 9), &column).error().id, "encoding.vocabulary");
}

void ExpectAsOracle(const Texts& texts, const EncodingConfig& config) {
  if (std::system("python3 -c pass >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no python3";
  const EncodedColumn column = Fit(texts, config);
  const Json job = {{"tokenizer", config.tokenizer == Tokenizer::kWord ? "word" : "byte-pair"},
                    {"vocabulary", config.vocabulary},
                    {"minCount", config.min_count},
                    {"length", config.length},
                    {"lowercase", config.lowercase},
                    {"texts", texts}};
  const std::string path = testing::TempDir() + "attestml_tokenizer_" + std::to_string(getpid());
  std::ofstream(path) << DumpJson(job);
  const std::string command = "python3 '" + std::string(ATTESTML_SOURCE_DIR) + "/tests/oracle/tokenizer.py' '" + path +
                              "' > '" + path + ".out'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  const auto answer = artifact::ReadFile(path + ".out");
  ASSERT_TRUE(answer.ok());
  unlink(path.c_str());
  unlink((path + ".out").c_str());
  const auto json = ParseJson(AsText(*answer));
  ASSERT_TRUE(json.ok()) << json.error().message;
  EXPECT_EQ(Json(column.vocabulary), (*json)["vocabulary"]);
  Json merges = Json::array();
  for (const auto& [left, right] : column.merges) merges.push_back(Json::array({left, right}));
  EXPECT_EQ(merges, (*json)["merges"]);
  ASSERT_EQ((*json)["ids"].size(), texts.size());
  TextEncoder encoder(column);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_EQ(Json(IdsOf(&encoder, column, texts[i])), (*json)["ids"][i]) << i;
  }
}

TEST(TokenizerOracleTest, SmallCases) {
  const Texts texts = {"low low lower newest widest",
                       "aaaaaaa aaaa aaa aa a",
                       "abc abc bca cab cabc abcabc",
                       "Don't can't won't 'tis",
                       "caf\xc3\xa9 na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac \xf0\x9f\x98\x80\xf0\x9f\x98\x80",
                       std::string(200, 'x') + "y",
                       "a" + std::string(99, '\'') + "b",
                       "",
                       "!!! ??? ...",
                       std::string(61, 'q') + "\xf0\x9f\x98\x80\xf0\x9f\x98\x80"};
  for (const Tokenizer tokenizer : {Tokenizer::kWord, Tokenizer::kBytePair}) {
    for (const std::uint32_t vocabulary : {60U, 500U}) {
      EncodingConfig config = ConfigOf(tokenizer, vocabulary, 20);
      ExpectAsOracle(texts, config);
      config.lowercase = false;
      config.min_count = 3;
      ExpectAsOracle(texts, config);
    }
  }
}

// The sentences of one of the three files; empty when they are not there.
Texts Sentences(const std::string& name) {
  const std::string path = SharedFile("sentiment-labelled/" + name);
  if (path.empty()) return {};
  statement::Selection selection = SelectionOf("sentence:n label:c");
  selection.columns[0].type = statement::ColumnType::kText;
  selection.format.delimiter = '\t';
  selection.format.header = false;
  selection.format.quote = false;
  selection.target = {"label", "1", ""};
  const auto table = Table::Read(*artifact::MeasuredFile::Read(path, name), selection);
  EXPECT_TRUE(table.ok()) << table.error().message;
  if (!table.ok()) return {};
  EXPECT_EQ(table->rows(), 1000U);
  const auto labels = table->Labels({"0", "1"});
  EXPECT_TRUE(labels.ok());
  EXPECT_EQ(std::count(labels->begin(), labels->end(), 1), 500);
  return table->columns()[0].texts;
}

TEST(TokenizerOracleTest, SentimentSentences) {
  Texts texts;
  for (const char* name : {"amazon_cells_labelled.txt", "imdb_labelled.txt", "yelp_labelled.txt"}) {
    const Texts some = Sentences(name);
    if (some.empty()) GTEST_SKIP() << "the sentiment sentences are not there";
    texts.insert(texts.end(), some.begin(), some.end());
  }
  ASSERT_EQ(texts.size(), 3000U);
  EXPECT_EQ(texts[0], "So there is no way for me to plug it in here in the US unless I go by a converter.");
  ExpectAsOracle(texts, ConfigOf(Tokenizer::kWord, 2000, 32));
  ExpectAsOracle(texts, ConfigOf(Tokenizer::kBytePair, 200, 64));
}

TEST(TokenizerTest, HundredThousandShortTexts) {
  const Texts some = Sentences("yelp_labelled.txt");
  if (some.empty()) GTEST_SKIP() << "the sentiment sentences are not there";
  Texts texts;
  while (texts.size() < 100'000) texts.insert(texts.end(), some.begin(), some.end());
  for (const Tokenizer tokenizer : {Tokenizer::kWord, Tokenizer::kBytePair}) {
    const auto begin = std::chrono::steady_clock::now();
    const EncodedColumn column = Fit(texts, ConfigOf(tokenizer, 2000, 64));
    TextEncoder encoder(column);
    std::uint64_t sum = 0;
    for (const std::string& text : texts) sum += IdsOf(&encoder, column, text)[0];
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GT(sum, 0U);
    std::printf("[ measured ] %s: 100000 texts fitted and encoded in %.0f ms\n",
                tokenizer == Tokenizer::kWord ? "words" : "byte pairs",
                std::chrono::duration<double, std::milli>(took).count());
  }
}

}  // namespace
}  // namespace attestml::data
