#include "schwarm/storage_sqlite/foreign_table.hpp"

#include <algorithm>

#include "connection.hpp"

namespace schwarm::storage_sqlite {
namespace {

constexpr int kBusyMilliseconds = 1'000;

using Database = std::unique_ptr<sqlite3, CloseDatabase>;

Error away(sqlite3* db, const std::string& file) {
    return fail(ErrorCode::unavailable,
                db == nullptr ? "the database cannot be opened" : sqlite3_errmsg(db), file);
}

Result<Statement> prepare(const Database& db, const std::string& file, const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db.get(), sql.c_str(), static_cast<int>(sql.size()), &statement,
                           nullptr) != SQLITE_OK) {
        return away(db.get(), file);
    }
    return Statement(statement);
}

void bind_text(const Statement& statement, int place, const std::string& text) {
    sqlite3_bind_text(statement.get(), place, text.data(), static_cast<int>(text.size()),
                      SQLITE_TRANSIENT);
}

std::string column(const Statement& statement, int index) {
    const auto* text = sqlite3_column_text(statement.get(), index);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement.get(), index));
    return text == nullptr ? std::string() : std::string(reinterpret_cast<const char*>(text), size);
}

std::string quoted(const std::string& name) {
    std::string out = "\"";
    for (const char c : name) {
        out += c;
        if (c == '"') out += c;
    }
    return out + "\"";
}

}  // namespace

Result<std::vector<ForeignRow>> read_foreign_table(
    const std::string& file, const std::string& table,
    const std::vector<std::pair<std::string, std::string>>& equals, std::size_t most) {
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
    const Database db(raw);
    if (opened != SQLITE_OK) return away(raw, file);
    sqlite3_busy_timeout(raw, kBusyMilliseconds);

    SCHWARM_TRY(info, prepare(db, file, "SELECT name FROM pragma_table_info(?1)"));
    bind_text(info, 1, table);
    std::vector<std::string> columns;
    while (sqlite3_step(info.get()) == SQLITE_ROW) columns.push_back(column(info, 0));
    if (columns.empty()) {
        return fail(ErrorCode::invalid_input, "there is no table '" + table + "'", file);
    }
    std::string sql = "SELECT ";
    for (const std::string& name : columns)
        sql += (&name == &columns[0] ? "" : ", ") + quoted(name);
    sql += " FROM " + quoted(table) + " WHERE 1";
    for (const auto& [name, value] : equals) {
        if (std::find(columns.begin(), columns.end(), name) == columns.end()) {
            return fail(ErrorCode::invalid_input,
                        "table '" + table + "' has no column '" + name + "'", file);
        }
        sql += " AND CAST(" + quoted(name) + " AS TEXT) = ?";
    }
    sql += " LIMIT " + std::to_string(most);
    SCHWARM_TRY(select, prepare(db, file, sql));
    for (std::size_t i = 0; i < equals.size(); ++i) {
        bind_text(select, static_cast<int>(i + 1), equals[i].second);
    }
    std::vector<ForeignRow> out;
    int step = SQLITE_ROW;
    while ((step = sqlite3_step(select.get())) == SQLITE_ROW) {
        ForeignRow row;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (sqlite3_column_type(select.get(), static_cast<int>(i)) == SQLITE_NULL) continue;
            row.emplace_back(columns[i], column(select, static_cast<int>(i)));
        }
        out.push_back(std::move(row));
    }
    if (step != SQLITE_DONE) return away(db.get(), file);
    return out;
}

}  // namespace schwarm::storage_sqlite
