"""Answers of the Wohngeld form for checks and tests, and the amount they must give, computed here
from the statute a second time (WoGG sections 12, 16, 19, Anlagen 1 to 3, as of 2025-01-01)."""
from decimal import ROUND_HALF_UP, Decimal

RENT = 600


def answers(wage, rent=RENT, first_name="Erika", last_name="Mustermann", iban="DE89370400440532013000"):
    """One person in the city of Leipzig with one wage, taxes and both insurances."""
    return {
        "antragsart": "erst",
        "ort": {"land": "Sachsen", "gemeinde": "Leipzig, Stadt"},
        "wohnung": {"strasse": "Musterweg", "hausnummer": "1", "plz": "04109", "ort": "Leipzig",
                    "einzug": "2020-05-01", "nutzung": "miete", "flaeche": 52},
        "weitere_wohnung": "nein",
        "person": {"vorname": first_name, "nachname": last_name, "geburtsdatum": "1990-03-04",
                   "geschlecht": "weiblich", "staatsangehoerigkeit": "deutsch",
                   "lebensmittelpunkt": "ja", "ausbildung": "nein", "lohn": wage,
                   "abzuege": ["steuern", "kranken", "rente"], "leistung": "keine"},
        "miete": {"gesamt": rent},
        "vermoegen": 1000,
        "aenderungen": "nein",
        "konto": {"inhaber": f"{first_name} {last_name}", "iban": iban},
        "nachweise": ["mietvertrag", "lohn"],
        "erklaerung": {"richtig": True, "mitteilung": True, "datenabgleich": True},
    }


def expected_amount(wage, rent=RENT):
    """Euro a month; 0 where section 21 no. 1 leaves nothing. Household of one, Mietenstufe II."""
    d = Decimal
    fixed = lambda x: x.quantize(d("1e-10"), ROUND_HALF_UP)  # noqa: E731
    income = max(d(12 * wage - 1230), d(0)) * d("0.7") / 12
    m = max(min(d(rent), d(408) + d("19.20")) + d("110.40"), d(54))
    y = max(income, d(396))
    z1 = fixed(d("0.04") + d("0.0004797") * m + d("0.0000408") * y)
    z2 = fixed(z1 * y)
    z4 = fixed(d("1.15") * (m - z2))
    amount = int(z4.quantize(d(1), ROUND_HALF_UP))
    return amount if amount >= 10 else 0
