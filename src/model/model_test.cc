#include "model/model.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "base/byte_writer.h"
#include "base/hex.h"
#include "model/safetensors.h"

namespace attestml::model {
namespace {

Model Tiny() {
  Model model;
  model.architecture = {3, {2}, Activation::kTanh, 2};
  statement::EncodedColumn age;
  age.column = "age";
  age.type = statement::ColumnType::kNumeric;
  age.mean = 38.5;
  age.scale = 13.25;
  statement::EncodedColumn sex;
  sex.column = "sex";
  sex.type = statement::ColumnType::kCategorical;
  sex.vocabulary = {"Female", "Male"};
  model.encoding.inputs = {age, sex};
  model.encoding.classes = {"no", "yes"};
  model.encoding.target = "answer";
  model.parameters = InitialWeights(model.architecture, 1);
  return model;
}

Result<Model> Read(Bytes bytes) { return Model::Parse(artifact::MeasuredFile::FromBytes(std::move(bytes), "m")); }

std::string IdOf(Bytes bytes) {
  const auto model = Read(std::move(bytes));
  return model.ok() ? "ok" : model.error().id;
}

// A file with any header and any data.
Bytes FileOf(std::string_view header, std::size_t data_bytes, std::uint64_t lie = 0) {
  ByteWriter out;
  out.WriteU64Le(header.size() + lie);
  out.WriteText(header);
  out.WriteZeros(data_bytes);
  return std::move(out).Take();
}

// The file of Tiny() with one text in its header replaced by another; the data stays.
Bytes Edited(std::string_view from, std::string_view to) {
  const Bytes good = Tiny().Serialize();
  std::uint64_t size = 0;
  for (unsigned i = 0; i < 8; ++i) size |= static_cast<std::uint64_t>(good[i]) << (8 * i);
  std::string header(AsText(BytesView(good).subspan(8, size)));
  const std::size_t at = header.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) header.replace(at, from.size(), to);
  ByteWriter out;
  out.WriteU64Le(header.size());
  out.WriteText(header);
  out.WriteBytes(BytesView(good).subspan(8 + size));
  return std::move(out).Take();
}

TEST(Model, RoundTrips) {
  const Model model = Tiny();
  const Bytes bytes = model.Serialize();
  const auto back = Read(bytes);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->architecture, model.architecture);
  EXPECT_EQ(back->encoding, model.encoding);
  for (std::size_t i = 0; i < model.parameters.size(); ++i) {
    EXPECT_EQ(back->parameters[i].name, model.parameters[i].name);
    EXPECT_EQ(back->parameters[i].shape, model.parameters[i].shape);
    EXPECT_EQ(back->parameters[i].values, model.parameters[i].values);
  }
  EXPECT_EQ(back->Serialize(), bytes);
}

// spec/model.md shows this file, which an independent program in Python wrote too. A change here changes the digest of
// every model.
// What a frozen program leaves of a model: its name, the encoding, and no tensor.
TEST(Model, MayHaveNoTensors) {
  Model model = Tiny();
  Architecture program;
  program.kind = Kind::kTorchScript;
  program.inputs = model.architecture.inputs;
  program.outputs = model.architecture.outputs;
  program.program = std::string(64, 'a');
  model.architecture = program;
  model.parameters.clear();
  const Bytes bytes = model.Serialize();
  const auto back = Read(bytes);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->architecture, model.architecture);
  EXPECT_TRUE(back->parameters.empty());
  EXPECT_EQ(back->Serialize(), bytes);
  Bytes more = bytes;
  more.resize(bytes.size() + 4);
  EXPECT_EQ(IdOf(more), "safetensors.size");
  model.parameters = {{"w", {1}, {1.0F}}};
  EXPECT_EQ(IdOf(model.Serialize()), "model.parameters");
}

TEST(Model, OfANumberHasOneOutput) {
  Model model = Tiny();
  model.architecture.outputs = 1;
  model.encoding.classes.clear();
  model.encoding.number = statement::NumericTarget{10, 2.5};
  model.parameters = InitialWeights(model.architecture, 1);
  const Bytes bytes = model.Serialize();
  const auto back = Read(bytes);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->encoding, model.encoding);
  EXPECT_EQ(back->Serialize(), bytes);
  // Neither one output for classes, nor several for a number.
  Model classes = Tiny();
  classes.architecture.outputs = 1;
  classes.parameters = InitialWeights(classes.architecture, 1);
  EXPECT_EQ(IdOf(classes.Serialize()), "model.outputs");
  Model several = Tiny();
  several.encoding = model.encoding;
  EXPECT_EQ(IdOf(several.Serialize()), "model.outputs");
}

TEST(Model, BytesAreStable) {
  EXPECT_EQ(HexEncode(crypto::Sha256(Tiny().Serialize())),
            "9e237ae02bd53e551d1ccd5e4f4be4793e19a0e4cb754aacbc50c5a77bae08fc");
}

TEST(Architecture, AProgramsInputsKeepTheirShape) {
  Architecture program;
  program.kind = Kind::kTorchScript;
  program.inputs = 12;
  program.outputs = 3;
  program.program = std::string(64, 'a');
  program.state = {{"weight", {12, 3}}};
  Architecture image = program, tokens = program;
  image.image = {3, 2, 2};
  tokens.tokens = 100;
  for (const Architecture& each : {program, image, tokens}) {
    const auto back = ParseArchitecture(ArchitectureToJson(each));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, each);
  }
  image.image = {3, 2, 3};
  EXPECT_FALSE(CheckArchitecture(image).ok());
  tokens.image = {3, 2, 2};
  EXPECT_FALSE(CheckArchitecture(tokens).ok());
  Json empty = ArchitectureToJson(program);
  empty["image"] = Json::array();
  EXPECT_FALSE(ParseArchitecture(empty).ok());
  empty.erase("image");
  empty["tokens"] = 0U;
  EXPECT_FALSE(ParseArchitecture(empty).ok());
}

TEST(Model, DataBeginsAtAMultipleOfEight) {
  const Bytes bytes = Tiny().Serialize();
  const std::size_t header = bytes[0] + 256U * bytes[1];
  EXPECT_EQ(header % 8, 0U);
  EXPECT_EQ(bytes[8], '{');
  EXPECT_EQ(bytes.size(), 8 + header + 4 * (6 + 2 + 4 + 2));
}

TEST(Model, RefusesTruncationAtEveryLengthAndOneByteMore) {
  Bytes bytes = Tiny().Serialize();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_NE(IdOf(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size))), "ok") << size;
  }
  bytes.push_back(0);
  EXPECT_EQ(IdOf(bytes), "safetensors.size");
}

TEST(Model, RefusesEachLieAboutTheHeaderSize) {
  const Bytes good = Tiny().Serialize();
  const std::uint64_t true_size = good[0] + 256U * good[1];
  for (const std::uint64_t size :
       {std::uint64_t{0}, std::uint64_t{1}, true_size - 1, true_size + 1, std::uint64_t{1} << 31,
        (std::uint64_t{1} << 32) - 1, std::uint64_t{1} << 63, std::numeric_limits<std::uint64_t>::max()}) {
    Bytes bytes = good;
    for (unsigned i = 0; i < 8; ++i) bytes[i] = static_cast<std::uint8_t>(size >> (8 * i));
    EXPECT_NE(IdOf(bytes), "ok") << size;
  }
  EXPECT_EQ(IdOf(FileOf("{}", 0, kMaxSafetensorsHeader)), "safetensors.header");
  EXPECT_EQ(IdOf(FileOf("{}", 0, 1)), "safetensors.header");
}

TEST(Model, RefusesHostileHeaders) {
  EXPECT_EQ(IdOf({}), "safetensors.size");
  EXPECT_EQ(IdOf(FileOf("", 0)), "safetensors.header");
  EXPECT_EQ(IdOf(FileOf(" {}", 0)), "safetensors.header");
  EXPECT_EQ(IdOf(FileOf("[]", 0)), "safetensors.header");
  EXPECT_EQ(IdOf(FileOf("{", 0)), "json.syntax");
  EXPECT_EQ(IdOf(FileOf("{}x", 0)), "json.syntax");
  EXPECT_EQ(IdOf(FileOf(R"({"a":1,"a":1})", 0)), "json.duplicate_key");
  EXPECT_EQ(IdOf(FileOf(R"({"a":{"b":{"c":{"d":{}}}}})", 0)), "json.depth");
  EXPECT_EQ(IdOf(FileOf(R"({"a":1})", 0)), "safetensors.tensor");
  EXPECT_EQ(IdOf(FileOf(R"({"a":{"dtype":"F32","shape":[1]}})", 4)), "safetensors.tensor");
  EXPECT_EQ(IdOf(FileOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4)), "safetensors.tensor");
  EXPECT_EQ(IdOf(FileOf(R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4)), "safetensors.dtype");
  EXPECT_EQ(IdOf(FileOf(R"({"__metadata__":[]})", 0)), "safetensors.metadata");
  EXPECT_EQ(IdOf(FileOf(R"({"__metadata__":{"format":1}})", 0)), "safetensors.metadata");
  EXPECT_EQ(IdOf(FileOf(R"({})", 0)), "model.metadata");
}

TEST(Model, RefusesHostileShapesAndOffsets) {
  const auto tensor = [](const std::string& shape, const std::string& offsets, std::size_t bytes) {
    return IdOf(FileOf(R"({"a":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}}", bytes));
  };
  EXPECT_EQ(tensor("[]", "[0,4]", 4), "safetensors.shape");
  EXPECT_EQ(tensor("[0]", "[0,0]", 0), "safetensors.shape");
  EXPECT_EQ(tensor("[-1]", "[0,4]", 4), "safetensors.shape");
  EXPECT_EQ(tensor("[\"1\"]", "[0,4]", 4), "safetensors.shape");
  EXPECT_EQ(tensor("[1.0]", "[0,4]", 4), "json.number");
  EXPECT_EQ(tensor("[1,1,1,1,1,1,1,1,1]", "[0,4]", 4), "safetensors.shape");
  EXPECT_EQ(tensor("[4294967296,4294967296]", "[0,0]", 0), "safetensors.shape");
  EXPECT_EQ(tensor("[4611686018427387905]", "[0,4]", 4), "json.number");
  EXPECT_EQ(tensor("[2147483649]", "[0,4]", 4), "safetensors.shape");
  EXPECT_EQ(tensor("[1]", "[0]", 4), "safetensors.offsets");
  EXPECT_EQ(tensor("[1]", "[0,4,4]", 4), "safetensors.offsets");
  EXPECT_EQ(tensor("[1]", "[0,-4]", 4), "safetensors.offsets");
  EXPECT_EQ(tensor("[1]", "[4,0]", 4), "safetensors.offsets");
  EXPECT_EQ(tensor("[1]", "[0,8]", 8), "safetensors.offsets");
  EXPECT_EQ(tensor("[1]", "[4,8]", 8), "safetensors.offsets");  // a hole in front
  EXPECT_EQ(tensor("[2]", "[0,8]", 4), "safetensors.offsets");  // past the end
  EXPECT_EQ(tensor("[1]", "[0,4]", 8), "safetensors.size");     // a rest
  const auto two = [](const std::string& second, std::size_t bytes) {
    return IdOf(FileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],)"
                       R"("data_offsets":)" +
                           second + "}}",
                       bytes));
  };
  EXPECT_EQ(two("[4,8]", 8), "safetensors.offsets");     // overlap
  EXPECT_EQ(two("[0,4]", 8), "safetensors.offsets");     // overlap from the start
  EXPECT_EQ(two("[12,16]", 16), "safetensors.offsets");  // hole between
  EXPECT_EQ(two("[8,12]", 12), "model.metadata");        // as it should be
}

TEST(Model, RefusesWhatTheArchitectureDoesNotSay) {
  EXPECT_EQ(IdOf(Edited("x", "x")), "ok");
  EXPECT_EQ(IdOf(Edited("\"0.bias\"", "\"0.bia\"")), "model.parameters");
  EXPECT_EQ(IdOf(Edited("[2,3]", "[3,2]")), "model.shape");
  EXPECT_EQ(IdOf(Edited("[2,3]", "[6]")), "model.shape");
  EXPECT_EQ(IdOf(Edited(R"(\"inputs\":3)", R"(\"inputs\":4)")), "model.inputs");
  EXPECT_EQ(IdOf(Edited(R"(\"outputs\":2)", R"(\"outputs\":3)")), "model.outputs");
  EXPECT_EQ(IdOf(Edited(R"(\"hidden\":[2])", R"(\"hidden\":[3])")), "model.shape");
  EXPECT_EQ(IdOf(Edited(R"(\"hidden\":[2])", R"(\"hidden\":[])")), "model.parameters");
  EXPECT_EQ(IdOf(Edited(R"(\"type\":\"mlp\")", R"(\"type\":\"cnn\")")), "model.architecture");
  EXPECT_EQ(IdOf(Edited("attestml.architecture", "attestml.architectur")), "model.metadata");
  EXPECT_EQ(IdOf(Edited(R"("format":"pt")", R"("format":"np")")), "model.metadata");
  EXPECT_EQ(IdOf(Edited(R"("format":"pt")", R"("other":"pt")")), "model.metadata");
  EXPECT_EQ(IdOf(Edited(R"(\"no\",\"yes\")", R"(\"no\")")), "encoding");
}

TEST(Model, RefusesValuesThatAreNotFinite) {
  for (const float bad : {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity(),
                          std::numeric_limits<float>::quiet_NaN()}) {
    Model model = Tiny();
    model.parameters[3].values[1] = bad;
    EXPECT_EQ(IdOf(model.Serialize()), "model.value");
  }
}

TEST(Architecture, JsonRoundTripsAndIsStrict) {
  for (const Architecture& architecture :
       {Architecture{1, {}, Activation::kRelu, 2}, Architecture{104, {128, 256, 64}, Activation::kTanh, 10}}) {
    const auto back = ParseArchitecture(ArchitectureToJson(architecture));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(*back, architecture);
  }
  const auto id = [](const char* text) {
    const auto architecture = ParseArchitecture(*ParseJson(text));
    return architecture.ok() ? std::string("ok") : architecture.error().id;
  };
  EXPECT_EQ(id(R"({"type":"mlp","inputs":3,"hidden":[4],"activation":"relu","outputs":2})"), "ok");
  for (const char* bad : {
           R"([])",
           R"({"type":"mlp","inputs":3,"hidden":[4],"activation":"relu"})",
           R"({"type":"mlp","inputs":3,"hidden":[4],"activation":"relu","outputs":2,"dropout":1})",
           R"({"type":"mlp","inputs":0,"hidden":[4],"activation":"relu","outputs":2})",
           R"({"type":"mlp","inputs":-3,"hidden":[4],"activation":"relu","outputs":2})",
           R"({"type":"mlp","inputs":65537,"hidden":[4],"activation":"relu","outputs":2})",
           R"({"type":"mlp","inputs":3,"hidden":[0],"activation":"relu","outputs":2})",
           R"({"type":"mlp","inputs":3,"hidden":["4"],"activation":"relu","outputs":2})",
           R"({"type":"mlp","inputs":3,"hidden":[4],"activation":"gelu","outputs":2})",
           R"({"type":"mlp","inputs":3,"hidden":[4],"activation":"relu","outputs":0})",
           R"({"type":"mlp","inputs":65536,"hidden":[65536],"activation":"relu","outputs":2})",
       }) {
    EXPECT_EQ(id(bad), "model.architecture") << bad;
  }
  Architecture deep{3, std::vector<std::int64_t>(64, 1), Activation::kRelu, 2};
  EXPECT_FALSE(ParseArchitecture(ArchitectureToJson(deep)).ok());
  deep.hidden.pop_back();
  EXPECT_TRUE(ParseArchitecture(ArchitectureToJson(deep)).ok());
}

TEST(InitialWeights, AreTheirSeedsAndWithinTheBound) {
  const Architecture architecture{104, {128}, Activation::kRelu, 2};
  const auto a = InitialWeights(architecture, 7);
  const auto b = InitialWeights(architecture, 7);
  const auto c = InitialWeights(architecture, 8);
  ASSERT_EQ(a.size(), 4U);
  EXPECT_EQ(a[0].name, "0.weight");
  EXPECT_EQ(a[3].name, "2.bias");
  EXPECT_EQ(a[0].values, b[0].values);
  EXPECT_NE(a[0].values, c[0].values);
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double bound = 1 / std::sqrt(i < 2 ? 104.0 : 128.0);
    double sum = 0;
    double squares = 0;
    for (const float value : a[i].values) {
      EXPECT_LE(std::abs(value), bound);
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    const auto n = static_cast<double>(a[i].values.size());
    if (n < 1000) continue;
    EXPECT_NEAR(sum / n, 0, 0.02 * bound);                              // uniform on ±bound: mean 0,
    EXPECT_NEAR(squares / n, bound * bound / 3, 0.02 * bound * bound);  // variance bound²/3
  }
}

// Pinned in spec/training.md section 2.
TEST(InitialWeights, FirstValuesOfSeedOne) {
  const auto weights = InitialWeights({3, {2}, Activation::kTanh, 2}, 1);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(weights[0].values[0]), 0xbf106779U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(weights[0].values[1]), 0x3f11872fU);
}

}  // namespace
}  // namespace attestml::model
