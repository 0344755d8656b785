#include <string>

#include "impl.hpp"

namespace schwarm::forms {
namespace {

struct Entry {
    Problem problem;
    std::string_view code;
    std::string_view de;
    std::string_view en;
};

// {0} is the field, {1} the limit. Each says what to do.
constexpr Entry kEntries[] = {
    {Problem::required, "required", "Füllen Sie das Feld „{0}“ aus.", "Fill in “{0}”."},
    {Problem::confirm, "required", "Setzen Sie das Häkchen bei „{0}“, um fortzufahren.",
     "Tick “{0}” to continue."},
    {Problem::choose, "required", "Wählen Sie bei „{0}“ eine Antwort aus.",
     "Choose an answer for “{0}”."},
    {Problem::date_missing, "required", "Geben Sie bei „{0}“ Tag, Monat und Jahr ein.",
     "Enter day, month and year for “{0}”."},
    {Problem::text_kind, "type", "„{0}“ muss ein Text sein.", "“{0}” must be a text."},
    {Problem::too_long, "max_length", "Kürzen Sie „{0}“ auf höchstens {1} Zeichen.",
     "Shorten “{0}” to at most {1} characters."},
    {Problem::too_short, "min_length", "Geben Sie bei „{0}“ mindestens {1} Zeichen ein.",
     "Enter at least {1} characters for “{0}”."},
    {Problem::characters, "characters",
     "„{0}“ enthält Zeichen, die wir nicht verarbeiten können. Löschen Sie sie.",
     "“{0}” contains characters we cannot process. Delete them."},
    {Problem::pattern, "pattern", "„{0}“ hat nicht die erwartete Form. Prüfen Sie Ihre Eingabe.",
     "“{0}” does not have the expected form. Check what you entered."},
    {Problem::email, "email",
     "Geben Sie bei „{0}“ eine vollständige E-Mail-Adresse ein, zum Beispiel name@beispiel.de.",
     "Enter a complete email address for “{0}”, for example name@example.com."},
    {Problem::phone, "phone",
     "Geben Sie bei „{0}“ eine Telefonnummer mit Vorwahl ein, zum Beispiel 0341 1234567.",
     "Enter a telephone number with area code for “{0}”, for example 0341 1234567."},
    {Problem::number, "number", "Geben Sie bei „{0}“ eine Zahl ein, zum Beispiel 450,50.",
     "Enter a number for “{0}”, for example 450.50."},
    {Problem::whole, "whole_number", "Geben Sie bei „{0}“ eine ganze Zahl ohne Komma ein.",
     "Enter a whole number for “{0}”."},
    {Problem::decimals, "decimals",
     "Geben Sie „{0}“ mit höchstens {1} Stellen nach dem Komma an, ohne Trennzeichen für "
     "Tausender.",
     "Give “{0}” with at most {1} decimal places and without thousands separators."},
    {Problem::min, "min", "„{0}“ muss mindestens {1} sein.", "“{0}” must be at least {1}."},
    {Problem::max, "max", "„{0}“ darf höchstens {1} sein.", "“{0}” must be at most {1}."},
    {Problem::date, "date",
     "Dieses Datum gibt es nicht. Geben Sie „{0}“ mit Tag, Monat und Jahr ein, zum Beispiel 27 3 "
     "1985.",
     "This date does not exist. Enter “{0}” as day, month and year, for example 27 3 1985."},
    {Problem::date_part, "date",
     "„{0}“ ist nicht vollständig. Geben Sie Tag, Monat und das Jahr mit vier Ziffern ein.",
     "“{0}” is incomplete. Enter day, month and a year with four digits."},
    {Problem::date_min, "date_min", "„{0}“ darf nicht vor dem {1} liegen.",
     "“{0}” must not be before {1}."},
    {Problem::date_max, "date_max", "„{0}“ darf nicht nach dem {1} liegen.",
     "“{0}” must not be after {1}."},
    {Problem::option, "option", "Wählen Sie bei „{0}“ eine der vorgegebenen Antworten aus.",
     "Choose one of the answers given for “{0}”."},
    {Problem::rows_min, "rows_min", "Fügen Sie bei „{0}“ mindestens {1} Einträge hinzu.",
     "Add at least {1} entries to “{0}”."},
    {Problem::rows_max, "rows_max", "Bei „{0}“ sind höchstens {1} Einträge möglich.",
     "“{0}” can have at most {1} entries."},
    {Problem::check, "check", "„{0}“ passt nicht zu Ihren übrigen Angaben. Prüfen Sie sie.",
     "“{0}” does not fit your other answers. Check them."},
    {Problem::iban, "iban",
     "Diese IBAN ist nicht gültig. Vergleichen Sie „{0}“ mit Ihrer Bankkarte; eine deutsche IBAN "
     "beginnt mit DE und hat 22 Stellen.",
     "This IBAN is not valid. Compare “{0}” with your bank card; a German IBAN begins with DE and "
     "has 22 characters."},
    {Problem::file, "file", "Wählen Sie bei „{0}“ eine Datei aus.", "Choose a file for “{0}”."},
};

const Entry& entry_of(Problem problem) {
    for (const Entry& entry : kEntries) {
        if (entry.problem == problem) {
            return entry;
        }
    }
    return kEntries[0];
}

}  // namespace

std::string_view code_of(Problem problem) {
    return entry_of(problem).code;
}

std::string message(Problem problem, Lang lang, std::string_view label, std::string_view limit) {
    const Entry& entry = entry_of(problem);
    std::string out;
    const std::string_view text = lang == Lang::de ? entry.de : entry.en;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.substr(i, 3) == "{0}") {
            out += label;
            i += 2;
        } else if (text.substr(i, 3) == "{1}") {
            out += limit;
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace schwarm::forms
