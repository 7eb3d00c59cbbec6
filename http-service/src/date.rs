//! HTTP dates (RFC 9110 section 5.6.7).

use pki_asn1::UnixTime;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// `Sun, 06 Nov 1994 08:49:37 GMT`, the preferred form.
#[must_use]
pub fn http_date(time: UnixTime) -> String {
    let t = time.to_date_time();
    // 1970-01-01 was a Thursday.
    let day = DAYS[usize::try_from(time.as_secs() / 86_400 % 7).unwrap_or(0)];
    let month = MONTHS[usize::from(t.month()).clamp(1, 12) - 1];
    format!(
        "{day}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
        t.day(),
        t.year(),
        t.hour(),
        t.minutes(),
        t.seconds()
    )
}

/// Reads the preferred form; the obsolete ones count as absent, which RFC 9110 section 13.1.3 allows
/// for conditions (the answer is then sent whole).
#[must_use]
pub fn parse_http_date(text: &str) -> Option<UnixTime> {
    let text = text.strip_suffix(" GMT")?;
    let (_, rest) = text.split_once(", ")?;
    let mut fields = rest.split(' ');
    let day = fields.next()?.parse().ok()?;
    let name = fields.next()?;
    let month = MONTHS.iter().position(|m| *m == name)? as u8 + 1;
    let year = fields.next()?.parse().ok()?;
    let mut clock = fields.next()?.split(':');
    let mut number = || clock.next()?.parse().ok();
    let (hour, minute, second) = (number()?, number()?, number()?);
    if fields.next().is_some() || clock.next().is_some() {
        return None;
    }
    der_date(year, month, day, hour, minute, second)
}

fn der_date(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<UnixTime> {
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 9110 section 5.6.7's own example.
    #[test]
    fn the_weekday_of_the_rfc_example_is_right() {
        let t: UnixTime = "1994-11-06T08:49:37Z".parse().unwrap();
        assert_eq!(http_date(t), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(t));
        assert_eq!(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), None);
        assert_eq!(parse_http_date("Sun, 31 Feb 1994 08:49:37 GMT"), None);
    }
}
