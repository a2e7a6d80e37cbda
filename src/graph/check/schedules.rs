//! Schedules of `CronJobs` that Kubernetes cannot read.
//!
//! Source: the Kubernetes documentation, "`CronJob`", and the rules of its reader of schedules.

use crate::finding::{Finding, Severity, codes};
use crate::graph::infer::about;
use crate::graph::platform::Platform;
use crate::render::pod::text;

const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const NAMED: &[&str] = &[
    "@yearly",
    "@annually",
    "@monthly",
    "@weekly",
    "@daily",
    "@midnight",
    "@hourly",
];

/// One of the five fields.
struct Part {
    name: &'static str,
    least: u32,
    most: u32,
    names: &'static [&'static str],
    /// The number of the first name.
    first: u32,
}

const PARTS: [Part; 5] = [
    Part {
        name: "minute",
        least: 0,
        most: 59,
        names: &[],
        first: 0,
    },
    Part {
        name: "hour",
        least: 0,
        most: 23,
        names: &[],
        first: 0,
    },
    Part {
        name: "day of the month",
        least: 1,
        most: 31,
        names: &[],
        first: 0,
    },
    Part {
        name: "month",
        least: 1,
        most: 12,
        names: MONTHS,
        first: 1,
    },
    Part {
        name: "day of the week",
        least: 0,
        most: 6,
        names: DAYS,
        first: 0,
    },
];

pub(super) fn check(platform: &Platform<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for owned in platform.of_kind("batch", "CronJob") {
        let Some(schedule) = text(&owned.object.manifest, "/spec/schedule") else {
            continue;
        };
        if let Some(why) = wrong(schedule) {
            let message = format!("{}: the schedule `{schedule}` {why}", owned.object.id);
            findings.push(about(
                platform,
                Severity::Error,
                codes::INVALID_SCHEDULE,
                owned,
                message,
            ));
        }
    }
    findings
}

/// Returns why a schedule cannot be read.
fn wrong(schedule: &str) -> Option<String> {
    let schedule = schedule.trim();
    if schedule.starts_with("TZ=") || schedule.starts_with("CRON_TZ=") {
        return Some("names a time zone: use `timeZone` for that".to_owned());
    }
    if let Some(every) = schedule.strip_prefix("@every ") {
        let good = every.starts_with(|one: char| one.is_ascii_digit());
        return (!good).then(|| "has no duration after @every".to_owned());
    }
    if schedule.starts_with('@') {
        let known = NAMED.contains(&schedule);
        return (!known).then(|| format!("is none of {}", NAMED.join(", ")));
    }
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    if fields.len() != PARTS.len() {
        return Some(format!("has {} fields, and needs five", fields.len()));
    }
    fields.iter().zip(&PARTS).find_map(|(field, part)| {
        let wrong = field.split(',').find(|one| !is_range(one, part))?;
        Some(format!("has `{wrong}` as {}", part.name))
    })
}

fn is_range(text: &str, part: &Part) -> bool {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (text, None),
    };
    if step.is_some_and(|step| step.parse::<u32>().is_ok_and(|step| step > 0)) == step.is_none() {
        return false;
    }
    if matches!(range, "*" | "?") {
        return true;
    }
    let number = |text: &str| -> Option<u32> {
        let name = text.to_lowercase();
        let known = part.names.iter().position(|known| *known == name);
        let number = match known {
            Some(position) => u32::try_from(position).ok()? + part.first,
            None => text.parse().ok()?,
        };
        (part.least..=part.most).contains(&number).then_some(number)
    };
    match range.split_once('-') {
        Some((from, to)) => match (number(from), number(to)) {
            (Some(from), Some(to)) => from <= to,
            _ => false,
        },
        None => number(range).is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::wrong;

    #[test]
    fn schedules_are_read_as_kubernetes_reads_them() {
        for good in [
            "* * * * *",
            "*/5 0-6 1,15 jan-MAR mon-fri",
            "0 0 * * ?",
            "@daily",
            "@every 1h30m",
            "5/15 * * * *",
        ] {
            assert_eq!(wrong(good), None, "{good}");
        }
        for bad in [
            "",
            "* * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "*/0 * * * *",
            "@never",
            "a * * * *",
            "5-1 * * * *",
            "TZ=UTC * * * * *",
        ] {
            assert!(wrong(bad).is_some(), "{bad}");
        }
    }
}
