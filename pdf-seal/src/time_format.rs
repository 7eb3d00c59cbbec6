//! Times as people write them, by the directives of strftime (POSIX.1-2024), in English and French.

use crate::fields::{Language, LocalTime};

const SECONDS_PER_DAY: i64 = 86_400;

const MONTHS: [[&str; 12]; 2] = [
    [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
];
const SHORT_MONTHS: [[&str; 12]; 2] = [
    [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ],
    [
        "janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.",
        "déc.",
    ],
];
/// From Sunday.
const DAYS: [[&str; 7]; 2] = [
    [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ],
    [
        "dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi",
    ],
];

/// A checked format.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TimeFormat(String);

impl TimeFormat {
    /// # Errors
    /// The directive that is not known, or `%` at the end.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                continue;
            }
            match chars.next() {
                Some('-') => match chars.next() {
                    Some('d' | 'm' | 'H') => {}
                    other => return Err(directive("%-", other)),
                },
                Some(
                    'Y' | 'm' | 'd' | 'e' | 'H' | 'M' | 'S' | 'B' | 'b' | 'A' | 'F' | 'T' | 'R'
                    | 'z' | 'Z' | '%',
                ) => {}
                other => return Err(directive("%", other)),
            }
        }
        Ok(Self(text.to_owned()))
    }

    /// `22/11/2026 à 10:15:00 UTC`, `22 November 2026, 10:15:00 UTC`.
    pub(crate) fn usual(language: Language) -> Self {
        Self(
            match language {
                Language::English => "%-d %B %Y, %T %Z",
                Language::French => "%d/%m/%Y à %T %Z",
            }
            .to_owned(),
        )
    }

    pub(crate) fn format(&self, time: LocalTime, language: Language) -> String {
        let civil = Civil::at(time);
        let language = match language {
            Language::English => 0,
            Language::French => 1,
        };
        let mut out = String::new();
        let mut chars = self.0.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            match chars.next() {
                Some('-') => match chars.next() {
                    Some('d') => out.push_str(&civil.day.to_string()),
                    Some('m') => out.push_str(&(civil.month + 1).to_string()),
                    _ => out.push_str(&civil.hour.to_string()),
                },
                Some('Y') => out.push_str(&format!("{:04}", civil.year)),
                Some('m') => out.push_str(&format!("{:02}", civil.month + 1)),
                Some('d') => out.push_str(&format!("{:02}", civil.day)),
                Some('e') => out.push_str(&format!("{:>2}", civil.day)),
                Some('H') => out.push_str(&format!("{:02}", civil.hour)),
                Some('M') => out.push_str(&format!("{:02}", civil.minute)),
                Some('S') => out.push_str(&format!("{:02}", civil.second)),
                Some('B') => out.push_str(MONTHS[language][civil.month]),
                Some('b') => out.push_str(SHORT_MONTHS[language][civil.month]),
                Some('A') => out.push_str(DAYS[language][civil.weekday]),
                Some('F') => out.push_str(&format!(
                    "{:04}-{:02}-{:02}",
                    civil.year,
                    civil.month + 1,
                    civil.day
                )),
                Some('T') => out.push_str(&format!(
                    "{:02}:{:02}:{:02}",
                    civil.hour, civil.minute, civil.second
                )),
                Some('R') => out.push_str(&format!("{:02}:{:02}", civil.hour, civil.minute)),
                Some('z') => out.push_str(&offset(time.offset_minutes)),
                Some('Z') if time.offset_minutes == 0 => out.push_str("UTC"),
                Some('Z') => out.push_str(&format!("UTC{}", offset(time.offset_minutes))),
                _ => out.push('%'),
            }
        }
        out
    }
}

fn directive(before: &str, c: Option<char>) -> String {
    c.map_or(before.to_owned(), |c| format!("{before}{c}"))
}

/// `+01:00`
fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

struct Civil {
    year: i64,
    /// From 0.
    month: usize,
    day: i64,
    /// From Sunday.
    weekday: usize,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    fn at(time: LocalTime) -> Self {
        let local = time.unix_seconds + i64::from(time.offset_minutes) * 60;
        let days = local.div_euclid(SECONDS_PER_DAY);
        let seconds = local.rem_euclid(SECONDS_PER_DAY);
        // Years beginning in March put the leap day last; 400 of them are always as long.
        let from_march = days + 719_468;
        let era = from_march.div_euclid(146_097);
        let day_of_era = from_march.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12;
        Self {
            year: year_of_era + era * 400 + i64::from(month < 2),
            month: usize::try_from(month).unwrap_or_default(),
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
            // 1970-01-01 was a Thursday.
            weekday: usize::try_from((days + 4).rem_euclid(7)).unwrap_or_default(),
            hour: seconds / 3600,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(format: &str, unix_seconds: i64, offset_minutes: i32, language: Language) -> String {
        TimeFormat::parse(format).unwrap().format(
            LocalTime {
                unix_seconds,
                offset_minutes,
            },
            language,
        )
    }

    #[test]
    fn offsets_move_the_date_over_midnight_and_leap_days() {
        // What `date -u -d @N` says.
        let all = "%A %e %B %Y %F %T %z %Z";
        assert_eq!(
            shown(all, 1_709_164_800 - 1, 0, Language::English),
            "Wednesday 28 February 2024 2024-02-28 23:59:59 +00:00 UTC"
        );
        assert_eq!(
            shown(all, 1_709_164_800 - 1, 60, Language::French),
            "jeudi 29 février 2024 2024-02-29 00:59:59 +01:00 UTC+01:00"
        );
        assert_eq!(
            shown("%-d/%-m %b", 4_102_444_799, -210, Language::French),
            "31/12 déc."
        );
    }

    #[test]
    fn unknown_directive_is_named() {
        assert_eq!(TimeFormat::parse("%Y %Q"), Err("%Q".to_owned()));
        assert_eq!(TimeFormat::parse("100%"), Err("%".to_owned()));
        assert_eq!(TimeFormat::parse("%-Y"), Err("%-Y".to_owned()));
    }
}
