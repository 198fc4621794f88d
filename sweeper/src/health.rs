//! How the daemon is, as a document; and whether it is alive, and ready. Nothing here asks the database.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use queue_core::ChannelHealth;
use serde::Serialize;

use crate::figures::OutboxFigures;
use crate::leadership::{Leader, Leadership};
use crate::loops::LoopName;
use crate::settings::{Settings, SettingsWatch};
use crate::state::{Phase, State};

/// What is read for it.
#[derive(Debug, Clone)]
pub(crate) struct Health {
    pub(crate) state: std::sync::Arc<State>,
    pub(crate) leadership: std::sync::Arc<Leadership>,
    pub(crate) settings: SettingsWatch,
    /// The database's URL as it may be shown, and what it is.
    pub(crate) database: (String, &'static str),
}

/// The document of `/healthz`.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    /// Of this form.
    version: u32,
    program: &'static str,
    program_version: &'static str,
    name: String,
    status: &'static str,
    /// Why it is not `ok`.
    problems: Vec<String>,
    up_seconds: f64,
    dependencies: BTreeMap<&'static str, Dependency>,
    loops: BTreeMap<LoopName, Loop>,
    channels: BTreeMap<String, Channel>,
    leaders: Vec<Leader>,
    outbox: Option<Outbox>,
    audit: Audit,
    rows_set_aside: usize,
}

#[derive(Debug, Serialize)]
struct Dependency {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    answers: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_seconds_ago: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Failure>,
}

#[derive(Debug, Serialize)]
struct Failure {
    code: &'static str,
    text: String,
    since_seconds: f64,
}

#[derive(Debug, Serialize)]
struct Loop {
    on: bool,
    every_seconds: Option<f64>,
    passes: u64,
    rows: u64,
    last_success_timestamp: Option<f64>,
    age_seconds: Option<f64>,
    errors: u64,
    errors_in_a_row: u32,
    last_error: Option<String>,
    rows_set_aside: usize,
}

/// How a channel is delivered through.
#[derive(Debug, Serialize)]
struct Channel {
    last_success_timestamp: Option<f64>,
    age_seconds: Option<f64>,
    rows: u64,
    errors: u64,
    errors_in_a_row: u32,
    last_error: Option<String>,
    /// How long it takes a break still, since the far side fails again and again.
    break_seconds: Option<f64>,
    paused: bool,
}

#[derive(Debug, Serialize)]
struct Outbox {
    #[serde(flatten)]
    figures: OutboxFigures,
    age_seconds: f64,
}

#[derive(Debug, Serialize)]
struct Audit {
    verified_to: i64,
    broken: Option<Broken>,
}

#[derive(Debug, Serialize)]
struct Broken {
    code: &'static str,
    record: i64,
    text: String,
}

impl Health {
    /// What stands in the way of being alive: a loop of which nothing is heard.
    pub(crate) fn stuck(&self) -> Option<String> {
        let after = self.settings.borrow().sweeper.stuck_after.get();
        let stuck = self.state.stuck(after);
        let said = stuck
            .iter()
            .map(|(name, silence)| format!("{name} (nothing heard for {} s)", silence.as_secs()));
        let said: Vec<_> = said.collect();
        (!said.is_empty()).then(|| format!("stuck: {}", said.join(", ")))
    }

    /// What stands in the way of being ready.
    pub(crate) fn unready(&self) -> Option<String> {
        if self.state.phase() == Phase::Stopping {
            return Some("stopping".to_owned());
        }
        let database = self.state.database();
        if let Some(trouble) = database.trouble {
            return Some(format!("{}: {}", trouble.code, trouble.error));
        }
        let pulse = self.state.loop_state(LoopName::Pulse);
        if pulse.errors_in_a_row > 0 {
            return Some(pulse.last_error.unwrap_or_default());
        }
        match pulse.age() {
            None => Some("starting: the database has not answered yet".to_owned()),
            Some(age) if age > self.settings.borrow().pulse_counts_for() => {
                let seconds = age.as_secs();
                Some(format!("the database has not answered for {seconds} s"))
            }
            Some(_) => None,
        }
    }

    /// All of it.
    pub(crate) fn document(&self) -> Document {
        let settings = self.settings.borrow().clone();
        let audit = self.state.audit();
        let channels = self.channels();
        let problems = self.problems();
        let status = match (self.state.phase(), problems.is_empty()) {
            (Phase::Starting, _) => "starting",
            (Phase::Stopping, _) => "stopping",
            (Phase::Running, true) => "ok",
            (Phase::Running, false) => "degraded",
        };
        let outbox = self.state.figures().map(|(age, figures)| Outbox {
            figures: figures.outbox,
            age_seconds: age.as_secs_f64(),
        });
        Document {
            version: 1,
            program: "leasehold-sweeper",
            program_version: env!("CARGO_PKG_VERSION"),
            name: self.leadership.own().as_str().to_owned(),
            status,
            problems,
            up_seconds: self.state.uptime().as_secs_f64(),
            dependencies: self.dependencies(),
            loops: LoopName::ALL
                .into_iter()
                .map(|name| (name, self.of_loop(name, &settings)))
                .collect(),
            channels: channels.iter().map(of_channel).collect(),
            leaders: self.leadership.shown(),
            outbox,
            audit: Audit {
                verified_to: audit.verified,
                broken: audit.fault.map(|fault| Broken {
                    code: fault.code(),
                    record: fault.seq,
                    text: fault.to_string(),
                }),
            },
            rows_set_aside: self.state.rows_set_aside(),
        }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self.stuck().into_iter().chain(self.unready()).collect();
        for name in LoopName::ALL {
            let state = self.state.loop_state(name);
            if state.is_on && state.errors_in_a_row > 0 {
                problems.push(format!("{name}: {}", state.last_error.unwrap_or_default()));
            }
            if state.is_on && state.set_aside > 0 {
                problems.push(format!("{name}: rows set aside: {}", state.set_aside));
            }
        }
        for channel in self.channels() {
            if channel.errors_in_a_row > 0 {
                let error = channel.last_error.unwrap_or_default();
                problems.push(format!("delivery by {}: {error}", channel.channel));
            }
        }
        if let Some(fault) = self.state.audit().fault {
            problems.push(format!("the audit chain is broken: {fault}"));
        }
        problems
    }

    fn dependencies(&self) -> BTreeMap<&'static str, Dependency> {
        let database = self.state.database();
        let (url, kind) = self.database.clone();
        let known = Dependency {
            kind,
            url: Some(url),
            answers: database.trouble.is_none() && database.answered_at.is_some(),
            answered_seconds_ago: database.answered_at.map(|at| at.elapsed().as_secs_f64()),
            error: database.trouble.map(|trouble| Failure {
                code: trouble.code,
                text: trouble.error,
                since_seconds: trouble.since.elapsed().as_secs_f64(),
            }),
        };
        let mut all = BTreeMap::from([("database", known)]);
        if !self.settings.borrow().delivery.channels().is_empty() {
            all.insert("delivery", self.delivery());
        }
        all
    }

    /// The deliverer answers while each of its channels hears of the database; that a far side fails is in the
    /// channel.
    fn delivery(&self) -> Dependency {
        let after = self.settings.borrow().sweeper.stuck_after.get();
        let channels = self.channels();
        let ages = channels.iter().map(|channel| channel.age);
        // Of the one that was heard of last: none, if there is one of which nothing was heard yet.
        let oldest = ages
            .max_by_key(|age| age.unwrap_or(Duration::MAX))
            .flatten();
        let runs = self
            .state
            .delivery()
            .is_some_and(|it| it.stuck(after).is_empty());
        Dependency {
            kind: "deliverer",
            url: None,
            answers: runs && channels.iter().all(|channel| channel.errors_in_a_row == 0),
            answered_seconds_ago: oldest.map(|age| age.as_secs_f64()),
            error: None,
        }
    }

    fn channels(&self) -> Vec<ChannelHealth> {
        let delivery = self.state.delivery();
        delivery
            .map(|delivery| delivery.channels())
            .unwrap_or_default()
    }

    fn of_loop(&self, name: LoopName, settings: &Settings) -> Loop {
        let state = self.state.loop_state(name);
        Loop {
            on: state.is_on,
            every_seconds: name.every(settings).map(|every| every.as_secs_f64()),
            passes: state.passes,
            rows: state.rows,
            last_success_timestamp: state.last_success.map(|(_, at)| unix(at)),
            age_seconds: state.age().map(|age| age.as_secs_f64()),
            errors: state.errors,
            errors_in_a_row: state.errors_in_a_row,
            last_error: state.last_error,
            rows_set_aside: state.set_aside,
        }
    }
}

fn unix(at: SystemTime) -> f64 {
    let since = at.duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64()
}

fn of_channel(health: &ChannelHealth) -> (String, Channel) {
    let channel = Channel {
        last_success_timestamp: health.last_success.map(unix),
        age_seconds: health.age.map(|age| age.as_secs_f64()),
        rows: health.rows,
        errors: health.errors,
        errors_in_a_row: health.errors_in_a_row,
        last_error: health.last_error.clone(),
        break_seconds: health.takes_a_break.map(|left| left.as_secs_f64()),
        paused: health.paused,
    };
    (health.channel.to_string(), channel)
}

impl Document {
    pub(crate) fn is_ok(&self) -> bool {
        self.status == "ok"
    }

    pub(crate) fn to_json(&self) -> String {
        // Strings, numbers and maps by name: nothing of it cannot be written.
        serde_json::to_string(self).unwrap_or_default()
    }
}
