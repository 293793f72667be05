#include "prove/workspace.h"

#include "base/hex.h"
#include "data/image_folder.h"
#include "data/record.h"

namespace attestml::prove {

namespace {

// A path that stays in its folder.
Status CheckPart(const std::string& name) {
  const bool outside = name.empty() || name.front() == '/' || name == ".." || name.starts_with("../") ||
                       name.find("/../") != std::string::npos || name.ends_with("/..");
  if (outside) return Usage("prove.dataset_path", "file \"" + name + "\" of a dataset is not within its folder");
  return {};
}

Result<artifact::MeasuredFile> ReadDataset(const tasks::DatasetJob& dataset, const std::string& path,
                                           const statement::Selection& selection) {
  std::vector<artifact::MeasuredFile> parts;
  if (dataset.format.type == statement::FileType::kImageFolder) {
    ATTESTML_TRY(auto csv, artifact::MeasuredFile::Read(path, path.substr(path.rfind('/') + 1)));
    ATTESTML_TRY(const auto names, data::ImageNames(csv, selection));
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
    parts.push_back(std::move(csv));
    for (const std::string& name : names) {
      ATTESTML_TRY(auto image, artifact::MeasuredFile::Read(folder + name, name));
      parts.push_back(std::move(image));
    }
  } else if (dataset.files.empty()) {
    return artifact::MeasuredFile::Read(path, dataset.name);
  }
  for (const std::string& name : dataset.files) {
    ATTESTML_CHECK(CheckPart(name));
    ATTESTML_TRY(auto part, artifact::MeasuredFile::Read(path + "/" + name, name));
    parts.push_back(std::move(part));
  }
  return artifact::MeasuredFile::FromParts(std::move(parts), dataset.name);
}

}  // namespace

Workspace::Workspace(const tasks::Job& job, std::map<std::string, std::string> data, std::string job_directory)
    : job_(&job), data_(std::move(data)), directory_(std::move(job_directory)) {}

Status Workspace::Load(const std::vector<std::string>& views) {
  for (const auto& [name, path] : data_) {
    if (job_->FindDataset(name) == nullptr)
      return Usage("prove.dataset_name", "--data: the job has no dataset \"" + name + "\"");
  }
  struct Read {
    artifact::MeasuredFile file;
    std::string path;  // for messages
  };
  std::map<std::string, Read> files;
  for (const std::string& name : views) {
    if (tables_.contains(name)) continue;
    const tasks::ViewJob* view = job_->FindView(name);
    const tasks::DatasetJob* dataset = job_->FindDataset(view->dataset);
    auto file = files.find(dataset->name);
    if (file == files.end()) {
      const auto given = data_.find(dataset->name);
      std::string path = given != data_.end() ? given->second : dataset->path;
      if (path.empty()) {
        return Usage("prove.dataset_path",
                     "no place is known for dataset \"" + dataset->name + "\", give --data " + dataset->name + "=PATH");
      }
      if (given == data_.end() && path.front() != '/' && !directory_.empty()) path = directory_ + "/" + path;
      ATTESTML_TRY(auto read, ReadDataset(*dataset, path, job_->SelectionOf(*view)));
      if (dataset->sha256 && read.sha256() != *dataset->sha256) {
        return Untrusted("prove.dataset_digest", "dataset \"" + dataset->name + "\" has SHA-256 " +
                                                     HexEncode(read.sha256()) + ", the job wants " +
                                                     HexEncode(*dataset->sha256));
      }
      file = files.emplace(dataset->name, Read{std::move(read), path}).first;
    }
    auto table = data::Table::Read(file->second.file, job_->SelectionOf(*view), &parsed_);
    if (!table.ok()) return Within("reading view \"" + name + "\" of " + file->second.path, std::move(table).error());
    tables_.emplace(name, std::move(table).value());
  }
  // Columns hold what they show; compressed files, whose columns show something else, need not stay beside it.
  for (auto& [name, read] : files) read.file.ForgetParts();
  return {};
}

std::vector<artifact::MeasuredFile> Workspace::Files() const {
  std::vector<artifact::MeasuredFile> files;
  for (const auto& [name, table] : tables_) files.push_back(table.file());
  return files;
}

void Workspace::Measure() const {
  for (const auto& [name, table] : tables_) static_cast<void>(table.Use(""));
}

void Workspace::SaltRoots(statement::Concealer* concealer) const {
  for (const auto& [name, table] : tables_) {
    const crypto::Digest256 root = table.Records().root;
    concealer->SetSaltedRoot(root, data::SortedRoot(concealer->SaltedLeaves(root, table.Leaves(true))));
  }
}

}  // namespace attestml::prove
