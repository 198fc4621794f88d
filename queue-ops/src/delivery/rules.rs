//! Escalations: which signals are told to whom.

use queue_core::{
    ChannelName, ErrorClass, Escalations, Event, InvalidName, KindName, MAX_THRESHOLD, QueueName,
    Rule, Severity,
};
use toml::Value as Toml;

use super::key::{ChannelKey, Shape, key};
use super::policy::set;
use super::table::{Reading, Which};
use super::value::Value;
use super::values::Values;

const SEVERITIES: &[&str] = &["info", "warning", "error", "critical"];

/// The keys of a rule, a table of `[[escalations]]`.
pub const RULE_KEYS: &[ChannelKey] = &[
    key(
        "name",
        Shape::Text,
        "the rule's name, a part of what its alerts are known by",
    )
    .required(),
    key(
        "to",
        Shape::Targets,
        "who is told, like [{ channel = \"pager\", recipient = \"on-call\" }]",
    )
    .required(),
    key(
        "events",
        Shape::Texts,
        "only these: job_died, job_died_again, notification_failed, doubt_held, channel_paused, ordering_violated",
    ),
    key("queues", Shape::Texts, "only jobs of these queues"),
    key("kinds", Shape::Texts, "only jobs of these kinds"),
    key(
        "classes",
        Shape::Texts,
        "only failures of these classes, like [\"AUTH_DENIED\"]",
    ),
    key(
        "channels",
        Shape::Texts,
        "only notifications of these channels",
    ),
    key(
        "at_least",
        Shape::Choice(SEVERITIES),
        "only what is as bad as this",
    )
    .or("\"info\""),
    key(
        "severity",
        Shape::Choice(SEVERITIES),
        "what it is escalated as; as bad as the event is unless it is said",
    ),
    key(
        "count",
        Shape::Number(1, MAX_THRESHOLD as u64),
        "how many it takes until somebody is told",
    )
    .or("1"),
    key("within", Shape::Span, "within which time").or("\"1h\""),
];

/// The rules, and what each table says.
pub(super) fn read(reading: &mut Reading<'_>, written: &Toml) -> (Escalations, Vec<Values>) {
    let keys: Vec<_> = RULE_KEYS.iter().collect();
    let Some(tables) = written.as_array() else {
        let problem =
            "`escalations`: rules are tables of a list: write [[escalations]] before each";
        reading.wrong(&["escalations"], problem.to_owned());
        return Default::default();
    };
    let (mut rules, mut all) = (Vec::new(), Vec::new());
    for (n, table) in tables.iter().enumerate() {
        let number = n.to_string();
        let path = ["escalations", number.as_str()];
        let Some(table) = table.as_table() else {
            reading.wrong(
                &path,
                "`escalations`: a rule is a table: write [[escalations]]".to_owned(),
            );
            continue;
        };
        let name = table.get("name").and_then(Toml::as_str);
        let shown = match name {
            Some(name) => format!(
                "escalations.{}",
                name.chars()
                    .take(80)
                    .flat_map(char::escape_debug)
                    .collect::<String>()
            ),
            None => format!("escalations.{}", n + 1),
        };
        let which = Which {
            shown: &shown,
            path: &path,
            what: "a rule",
        };
        let before = reading.problems.len();
        let values = reading.table(&which, &keys, table, |_| None);
        reading.missing(&which, &keys, table);
        if reading.problems.len() > before {
            continue;
        }
        match rule(&values) {
            Ok(rule) => {
                rules.push(rule);
                // With those before it: what is wrong is this one's, and has its line.
                if let Err(error) = Escalations::new(rules.clone()) {
                    rules.pop();
                    reading.wrong(&path, error.to_string());
                }
                all.push(values);
            }
            Err(problem) => reading.wrong(&path, format!("`{shown}`: {problem}")),
        }
    }
    (Escalations::new(rules).unwrap_or_default(), all)
}

fn rule(values: &Values) -> Result<Rule, String> {
    let mut rule = Rule::new(values.text("name").unwrap_or_default());
    rule.events = values
        .texts("events")
        .iter()
        .map(event)
        .collect::<Result<_, _>>()?;
    rule.queues = names(values.texts("queues"), QueueName::new)?;
    rule.kinds = names(values.texts("kinds"), KindName::new)?;
    rule.classes = names(values.texts("classes"), ErrorClass::new)?;
    rule.channels = names(values.texts("channels"), ChannelName::new)?;
    set(
        &mut rule.at_least,
        values.text("at_least").and_then(severity),
    );
    rule.severity = values.text("severity").and_then(severity);
    set(&mut rule.count, values.number("count"));
    set(&mut rule.within, values.span("within"));
    if let Some(Value::Targets(to)) = values.any("to") {
        rule.to.clone_from(to);
    }
    Ok(rule)
}

fn names<'a, T>(
    texts: &'a [String],
    read: impl Fn(&'a String) -> Result<T, InvalidName>,
) -> Result<Vec<T>, String> {
    let names = texts.iter().map(read).collect::<Result<_, _>>();
    names.map_err(|error| error.to_string())
}

const EVENTS: [Event; 6] = [
    Event::JobDied,
    Event::JobDiedAgain,
    Event::NotificationFailed,
    Event::DoubtHeld,
    Event::ChannelPaused,
    Event::OrderingViolated,
];

fn event(text: &String) -> Result<Event, String> {
    let found = EVENTS.into_iter().find(|event| event.as_str() == text);
    found.ok_or_else(|| {
        let all: Vec<_> = EVENTS.iter().map(|event| event.as_str()).collect();
        format!(
            "there is no such event in `events`: write some of {}",
            all.join(", ")
        )
    })
}

fn severity(text: &str) -> Option<Severity> {
    let all = [
        Severity::Info,
        Severity::Warning,
        Severity::Error,
        Severity::Critical,
    ];
    all.into_iter().find(|one| one.as_str() == text)
}
