//! Days and times for people.

use std::time::SystemTime;

use alterplan::config::Day;

/// A day of the common calendar and the time of it, in UTC.
pub(crate) fn moment(seconds: u64) -> String {
    // Howard Hinnant's days_from_civil, the other way: eras of 400 years that begin in March.
    let (days, time) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", time / 3600, time % 3600 / 60)
}

/// Today, in UTC. A clock before 1970 makes everything that ends have ended.
pub(crate) fn today() -> Day {
    let seconds =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(u64::MAX >> 24, |past| past.as_secs());
    moment(seconds).get(..10).and_then(|day| day.parse().ok()).unwrap_or(Day::LAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(moment(0), "1970-01-01 00:00");
        assert_eq!(moment(951_782_400), "2000-02-29 00:00");
        assert_eq!(moment(4_102_444_799), "2099-12-31 23:59");
    }
}
