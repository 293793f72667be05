#include "data/image_folder.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <thread>
#include <unordered_map>

#include "data/csv_reader.h"
#include "data/image_decoder.h"

namespace attestml::data {
namespace {

using statement::ColumnType;

constexpr std::size_t kMaxName = 1024;
constexpr std::size_t kMaxPixels = std::size_t{16} << 30;
constexpr unsigned kMaxThreads = 8;
constexpr std::size_t kRowsOfThread = 32;  // fewer are not worth one

bool IsSafeName(std::string_view name) {
  if (name.empty() || name.size() > kMaxName) return false;
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\') return false;
  }
  // An empty part also stands before an absolute path's first slash.
  while (true) {
    const std::size_t slash = name.find('/');
    const std::string_view part = name.substr(0, slash);
    if (part.empty() || part == "." || part == "..") return false;
    if (slash == std::string_view::npos) return true;
    name.remove_prefix(slash + 1);
  }
}

struct Names {
  std::vector<std::string> all;
  std::unordered_map<std::string_view, std::uint32_t> places;  // into `all`; views of the columns' texts
};

Result<Names> NamesOf(const std::string& file, const FileContent& content) {
  Names names;
  for (const ColumnData& column : content.columns) {
    if (column.type != ColumnType::kImage) continue;
    for (std::size_t row = 0; row < content.num_rows; ++row) {
      const std::string& name = column.texts[row];
      if (!names.places.try_emplace(name, static_cast<std::uint32_t>(names.all.size())).second) continue;
      if (!IsSafeName(name)) {
        return Malformed("image.name", file + ": record " + std::to_string(row + 1) + ", column \"" + column.name +
                                           "\" does not hold a plain relative file name");
      }
      names.all.push_back(name);
    }
  }
  return names;
}

// The column's files, each once, and where each record's file stands among them.
struct Job {
  std::vector<std::uint32_t> files;   // into the parts
  std::vector<std::uint32_t> rows;    // first record of each
  std::vector<std::uint32_t> places;  // of each record
};

Job JobOf(const ColumnData& column, const Names& names) {
  Job job;
  constexpr std::uint32_t kNone = 0xffffffffU;
  std::vector<std::uint32_t> place_of(names.all.size(), kNone);
  for (std::size_t row = 0; row < column.texts.size(); ++row) {
    const std::uint32_t file = names.places.find(column.texts[row])->second;
    if (place_of[file] == kNone) {
      place_of[file] = static_cast<std::uint32_t>(job.files.size());
      job.files.push_back(file + 1);  // the CSV file is part 0
      job.rows.push_back(static_cast<std::uint32_t>(row));
    }
    job.places.push_back(place_of[file]);
  }
  return job;
}

Status DecodeAll(const artifact::MeasuredFile& dataset, const Job& job, unsigned num_threads, ColumnData* column) {
  const ImageShape shape{column->shape[0], column->shape[1], column->shape[2]};
  const std::size_t size = shape.size();
  if (job.files.size() > kMaxPixels / size) {
    return Malformed("image.size", dataset.name() + ": " + std::to_string(job.files.size()) + " images of " +
                                       std::to_string(size) + " bytes, want at most 16 GiB in all");
  }
  auto pixels = std::make_shared<Bytes>(job.files.size() * size);
  // Threads take the images in turn. After an error those before it are still decoded, so that the first one is told.
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> first_bad{job.files.size()};
  std::vector<std::pair<std::size_t, Error>> errors(num_threads);
  const auto work = [&](unsigned thread) {
    errors[thread].first = job.files.size();
    for (std::size_t i = next++; i < first_bad; i = next++) {
      const artifact::MeasuredFile& part = dataset.parts()[job.files[i]];
      auto status = DecodeImage(part.bytes(), shape, pixels->data() + i * size);
      if (status.ok()) continue;
      errors[thread] = {i, Within(dataset.name() + ": record " + std::to_string(job.rows[i] + 1) + ", column \"" +
                                      column->name + "\", file " + part.name(),
                                  std::move(status).error())};
      std::size_t seen = first_bad;
      while (i < seen && !first_bad.compare_exchange_weak(seen, i)) {
      }
      return;
    }
  };
  std::vector<std::thread> threads;
  const std::size_t useful = std::min<std::size_t>(num_threads, job.files.size() / kRowsOfThread + 1);
  for (unsigned thread = 1; thread < useful; ++thread) threads.emplace_back(work, thread);
  work(0);
  for (std::thread& thread : threads) thread.join();
  for (std::size_t thread = 0; thread < useful; ++thread) {
    if (errors[thread].first < job.files.size() && errors[thread].first == first_bad) {
      return std::move(errors[thread].second);
    }
  }
  column->cells.data = pixels->data();
  column->cells.size = size;
  column->cells.stride = size;
  column->cells.owner = std::move(pixels);
  if (job.files.size() != job.places.size()) column->cells.places = job.places;
  return {};
}

}  // namespace

Result<std::vector<std::string>> ImageNames(const artifact::MeasuredFile& csv, const statement::Selection& selection) {
  ATTESTML_CHECK(statement::CheckSelection(selection));
  ATTESTML_TRY(const FileContent content, ReadCsv(csv, selection));
  ATTESTML_TRY(Names names, NamesOf(csv.name(), content));
  return std::move(names.all);
}

Result<FileContent> ReadImageFolder(const artifact::MeasuredFile& file, const statement::Selection& selection,
                                    unsigned num_threads) {
  const auto& parts = file.parts();
  if (parts.empty())
    return Malformed("image.files", file.name() + ": one file, want a CSV file and the images it names");
  ATTESTML_TRY(FileContent content, ReadCsv(parts[0], selection));
  ATTESTML_TRY(const Names names, NamesOf(parts[0].name(), content));
  const bool same = std::equal(names.all.begin(), names.all.end(), parts.begin() + 1, parts.end(),
                               [](const std::string& name, const auto& part) { return name == part.name(); });
  if (!same) {
    return Malformed("image.files", file.name() + ": the image files are not the " + std::to_string(names.all.size()) +
                                        " that " + parts[0].name() + " names, in its order");
  }
  if (num_threads == 0) num_threads = std::clamp(std::thread::hardware_concurrency(), 1U, kMaxThreads);
  for (ColumnData& column : content.columns) {
    if (column.type != ColumnType::kImage) continue;
    ATTESTML_CHECK(DecodeAll(file, JobOf(column, names), num_threads, &column));
  }
  // Names were views of these.
  for (ColumnData& column : content.columns) {
    if (column.type == ColumnType::kImage) column.texts = {};
  }
  return content;
}

Result<FileContent> ReadImageFolder(const artifact::MeasuredFile& file, const statement::Selection& selection) {
  return ReadImageFolder(file, selection, 0);
}

}  // namespace attestml::data
