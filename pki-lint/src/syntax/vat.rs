//! Numbers for value added tax: what stands after the country's prefix, in each member state
//! (Directive 2006/112/EC article 215; the forms are those that the Commission's VIES takes).

/// Whether `number` has the form of its country. True for countries whose form is not listed: the
/// United Kingdom's and other third countries' numbers are their own affair.
pub(crate) fn has_form(country: &str, number: &str) -> bool {
    let forms: &[&str] = match country {
        "AT" => &["U99999999"],
        "BE" => &["9999999999"],
        "BG" => &["999999999", "9999999999"],
        "CY" => &["99999999A"],
        "CZ" => &["99999999", "999999999", "9999999999"],
        "DE" | "EE" | "EL" | "PT" => &["999999999"],
        "DK" | "FI" | "HU" | "LU" | "MT" | "SI" => &["99999999"],
        "ES" => &["X9999999X"],
        "FR" => &["XX999999999"],
        "HR" | "IT" | "LV" => &["99999999999"],
        "IE" => &["9X99999A", "9999999AA"],
        "LT" => &["999999999", "999999999999"],
        "NL" => &["XXXXXXXXXXXX"],
        "PL" | "SK" => &["9999999999"],
        "RO" => {
            return (2..=10).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
        }
        "SE" => &["999999999999"],
        "XI" => &["999999999", "999999999999", "AA999"],
        // Greek numbers begin with EL (article 215).
        "GR" => return false,
        _ => return true,
    };
    forms.iter().any(|form| fits(form, number))
}

/// `9` stands for a digit, `A` for a capital, `X` for either, anything else for itself.
fn fits(form: &str, number: &str) -> bool {
    form.len() == number.len()
        && form
            .bytes()
            .zip(number.bytes())
            .all(|(form, b)| match form {
                b'9' => b.is_ascii_digit(),
                b'A' => b.is_ascii_uppercase(),
                b'X' => b.is_ascii_digit() || b.is_ascii_uppercase(),
                own => own == b,
            })
}

#[cfg(test)]
mod tests {
    use super::has_form;

    #[test]
    fn numbers_of_real_forms_pass_and_others_do_not() {
        for (country, number) in [
            ("AT", "U12345678"),
            ("FR", "40303265045"),
            ("FR", "K7399859412"),
            ("EL", "123456789"),
            ("ES", "A1234567B"),
            ("IE", "1X23456A"),
            ("NL", "123456789B01"),
            ("RO", "18"),
            ("XI", "GD123"),
            ("MC", "anything"),
            ("CH", "CHE-123.456.789"),
        ] {
            assert!(has_form(country, number), "{country}{number}");
        }
        for (country, number) in [
            ("AT", "12345678"),
            ("FR", "1234567890"),
            ("FR", "FR12345678901"),
            ("GR", "123456789"),
            ("DE", "12345678X"),
            ("DE", "１２３４５６７８９"),
            ("RO", ""),
        ] {
            assert!(!has_form(country, number), "{country}{number}");
        }
    }
}
