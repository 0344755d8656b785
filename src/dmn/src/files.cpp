#include "schwarm/dmn/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>

#include "reader.hpp"

namespace schwarm::dmn {

Result<SourceFile> read_file(const std::filesystem::path& path) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    std::ifstream in(path, std::ios::binary);
    if (error || !in) {
        return fail(ErrorCode::not_found, "the file cannot be read", path.string());
    }
    if (size > LoadLimits().file_bytes) {
        return fail(ErrorCode::limit_exceeded, fmt::format("{} bytes are too many", size),
                    path.string());
    }
    SourceFile out;
    out.name = path.filename().string();
    out.text.resize(size);
    in.read(out.text.data(), static_cast<std::streamsize>(size));
    out.text.resize(static_cast<std::size_t>(in.gcount()));
    return out;
}

ImportResolver resolver_beside(std::filesystem::path folder) {
    if (folder.empty()) folder = ".";
    return [folder = std::move(folder)](std::string_view name_space,
                                        std::string_view) -> Result<SourceFile> {
        std::vector<std::filesystem::path> paths;
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
            if (entry.path().extension() == ".dmn") paths.push_back(entry.path());
        }
        std::sort(paths.begin(), paths.end());
        for (const auto& path : paths) {
            auto file = read_file(path);
            if (!file) continue;
            const auto document = xml::Document::parse(file->text, file->name);
            if (!document) continue;
            if (document->root().attribute("namespace") == name_space) return file;
        }
        return fail(ErrorCode::unresolved,
                    fmt::format("no .dmn file in {} has it", folder.string()));
    };
}

}  // namespace schwarm::dmn
