//! What was released, and what of it a later catalogue breaks.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Code, Status};

/// The catalogue of a release: what others rely on since.
///
/// ```
/// use queue_core::catalogue::{Breach, Released, compare};
/// let mut released = Released::current();
/// assert_eq!(compare(&released), []);
///
/// let json = serde_json::to_string(&released).unwrap();
/// assert_eq!(serde_json::from_str::<Released>(&json).unwrap(), released);
///
/// let panic = released.codes.get_mut("HANDLER_PANIC").unwrap();
/// panic.reasons.push("out_of_memory".to_owned());
/// assert_eq!(
///     compare(&released)[0].to_string(),
///     "HANDLER_PANIC has lost its reason `out_of_memory`",
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Released {
    /// What was said of each code, by its name.
    pub codes: BTreeMap<String, ReleasedCode>,
}

/// What a release said of one code, as far as others rely on it.
///
/// ```
/// use queue_core::catalogue::Released;
/// let released = Released::current();
/// assert_eq!(released.codes["limit_exceeded"].parameters["path"], "path");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleasedCode {
    /// The version that gave it first.
    pub since: String,
    /// Whether it was given.
    pub status: ReleasedStatus,
    /// Where it arose.
    pub stage: String,
    /// The types of its parameters, by their names.
    pub parameters: BTreeMap<String, String>,
    /// Its finer reasons.
    pub reasons: Vec<String>,
    /// Whether each code could be its reason.
    pub summary: bool,
}

/// Whether a release gave a code.
///
/// ```
/// use queue_core::catalogue::{Released, ReleasedStatus};
/// assert_eq!(Released::current().codes["HANDLER_PANIC"].status, ReleasedStatus::Active);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleasedStatus {
    /// It did.
    Active,
    /// Only older ones did.
    Retired,
}

impl Released {
    /// The catalogue as it is now.
    #[must_use]
    pub fn current() -> Self {
        let codes = Code::all().iter().map(|code| {
            let entry = code.entry();
            let released = ReleasedCode {
                since: entry.since.to_owned(),
                status: match entry.status {
                    Status::Active => ReleasedStatus::Active,
                    Status::Retired { .. } => ReleasedStatus::Retired,
                },
                stage: entry.stage.as_str().to_owned(),
                parameters: entry
                    .parameters
                    .iter()
                    .map(|parameter| {
                        let kind = parameter.kind.as_str().to_owned();
                        (parameter.name.to_owned(), kind)
                    })
                    .collect(),
                reasons: entry
                    .reasons
                    .iter()
                    .map(|reason| reason.name.to_owned())
                    .collect(),
                summary: entry.summary,
            };
            (code.as_str().to_owned(), released)
        });
        Self {
            codes: codes.collect(),
        }
    }

    /// As it is kept in `docs/reference/releases`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // There is nothing in it that JSON cannot say.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}

/// A promise of a release that the catalogue does not keep.
///
/// ```
/// use queue_core::catalogue::Breach;
/// let breach = Breach::Gone { code: "old_code".to_owned() };
/// assert_eq!(breach.to_string(), "old_code is gone: mark it as retired instead of removing it");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Breach {
    /// There is no such code.
    Gone {
        /// Which.
        code: String,
    },
    /// There is no such code, and one that no release knows has all that is known of it.
    Renamed {
        /// Which.
        code: String,
        /// What it seems to be called now.
        to: String,
    },
    /// It arises elsewhere.
    Moved {
        /// Which.
        code: String,
        /// Where it arose.
        from: String,
        /// Where it arises.
        to: String,
    },
    /// One of its parameters is gone.
    LostParameter {
        /// Which.
        code: String,
        /// Which one.
        parameter: String,
    },
    /// One of its parameters is of another type.
    Retyped {
        /// Which.
        code: String,
        /// Which one.
        parameter: String,
        /// Its type.
        from: String,
        /// Its type now.
        to: String,
    },
    /// One of its reasons is gone.
    LostReason {
        /// Which.
        code: String,
        /// Which one.
        reason: String,
    },
    /// It does not take each code as its reason any more.
    LostCodes {
        /// Which.
        code: String,
    },
    /// It was retired and is given again.
    Revived {
        /// Which.
        code: String,
    },
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone { code } => write!(
                f,
                "{code} is gone: mark it as retired instead of removing it"
            ),
            Self::Renamed { code, to } => write!(
                f,
                "{code} was renamed to {to}: give it back its name, or retire it beside the new one"
            ),
            Self::Moved { code, from, to } => {
                write!(f, "{code} was moved from stage {from} to {to}")
            }
            Self::LostParameter { code, parameter } => {
                write!(f, "{code} has lost its parameter `{parameter}`")
            }
            Self::Retyped {
                code,
                parameter,
                from,
                to,
            } => write!(
                f,
                "the parameter `{parameter}` of {code} was {from} and is {to}"
            ),
            Self::LostReason { code, reason } => {
                write!(f, "{code} has lost its reason `{reason}`")
            }
            Self::LostCodes { code } => {
                write!(
                    f,
                    "{code} took each code as its reason and does not any more"
                )
            }
            Self::Revived { code } => write!(
                f,
                "{code} was retired and is active again: give what is new another name"
            ),
        }
    }
}

/// Where the catalogue does not keep what a release has promised. What was added since is fine, and so
/// is what was retired.
///
/// ```
/// use queue_core::catalogue::{Released, compare};
/// assert!(compare(&Released::current()).is_empty());
/// assert!(compare(&Released::default()).is_empty(), "nothing was promised");
/// ```
#[must_use]
pub fn compare(released: &Released) -> Vec<Breach> {
    let current = Released::current();
    let mut breaches = Vec::new();
    for (code, was) in &released.codes {
        match current.codes.get(code) {
            Some(is) => breaches.extend(of_code(code, was, is)),
            None => breaches.push(absence(code, was, released, &current)),
        }
    }
    breaches
}

fn absence(code: &str, was: &ReleasedCode, released: &Released, current: &Released) -> Breach {
    let code = code.to_owned();
    let bare = was.parameters.is_empty() && was.reasons.is_empty();
    let alike = |(name, is): &(&String, &ReleasedCode)| {
        !released.codes.contains_key(*name) && same_shape(was, is)
    };
    match current.codes.iter().find(alike) {
        // One without anything to it is like many others.
        Some((to, _)) if !bare => Breach::Renamed {
            code,
            to: to.clone(),
        },
        _ => Breach::Gone { code },
    }
}

fn same_shape(was: &ReleasedCode, is: &ReleasedCode) -> bool {
    (&was.stage, &was.parameters, &was.reasons, was.summary)
        == (&is.stage, &is.parameters, &is.reasons, is.summary)
}

fn of_code(code: &str, was: &ReleasedCode, is: &ReleasedCode) -> Vec<Breach> {
    let code = || code.to_owned();
    let mut breaches = Vec::new();
    if (was.status, is.status) == (ReleasedStatus::Retired, ReleasedStatus::Active) {
        breaches.push(Breach::Revived { code: code() });
    }
    if was.stage != is.stage {
        breaches.push(Breach::Moved {
            code: code(),
            from: was.stage.clone(),
            to: is.stage.clone(),
        });
    }
    for (parameter, from) in &was.parameters {
        let parameter = || parameter.clone();
        match is.parameters.get(&parameter()) {
            None => breaches.push(Breach::LostParameter {
                code: code(),
                parameter: parameter(),
            }),
            Some(to) if to != from => breaches.push(Breach::Retyped {
                code: code(),
                parameter: parameter(),
                from: from.clone(),
                to: to.clone(),
            }),
            Some(_) => {}
        }
    }
    let lost = was.reasons.iter().filter(|old| !is.reasons.contains(old));
    breaches.extend(lost.map(|reason| Breach::LostReason {
        code: code(),
        reason: reason.clone(),
    }));
    if was.summary && !is.summary {
        breaches.push(Breach::LostCodes { code: code() });
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `compare` says of a release that is the present one, but for a change.
    fn after(change: impl FnOnce(&mut BTreeMap<String, ReleasedCode>)) -> Vec<Breach> {
        let mut released = Released::current();
        change(&mut released.codes);
        compare(&released)
    }

    fn of(codes: &mut BTreeMap<String, ReleasedCode>, code: Code) -> &mut ReleasedCode {
        codes.get_mut(code.as_str()).unwrap()
    }

    #[test]
    fn what_was_added_or_retired_since_is_no_breach() {
        let breaches = after(|codes| {
            codes.remove("HANDLER_PANIC");
            let known = of(codes, Code::InvalidJson);
            known.reasons.pop();
            known.parameters.clear();
        });
        assert_eq!(breaches, []);
        let mut retired = of(&mut Released::current().codes, Code::Sent).clone();
        retired.status = ReleasedStatus::Retired;
        let active = of(&mut Released::current().codes, Code::Sent).clone();
        assert_eq!(of_code("sent", &active, &retired), []);
        assert_eq!(of_code("sent", &retired, &retired), []);
    }

    #[test]
    fn a_code_that_is_gone() {
        let breaches = after(|codes| {
            let mut old = of(codes, Code::LimitExceeded).clone();
            old.reasons.push("too_wide".to_owned());
            codes.insert("old_code".to_owned(), old);
        });
        let code = "old_code".to_owned();
        assert_eq!(breaches, [Breach::Gone { code }]);
    }

    #[test]
    fn a_bare_code_that_is_gone_is_not_taken_for_another_bare_one() {
        let breaches = after(|codes| {
            let bare = codes.remove("HANDLER_PANIC").unwrap();
            codes.insert("OLD_CLASS".to_owned(), bare);
        });
        let code = "OLD_CLASS".to_owned();
        assert_eq!(breaches, [Breach::Gone { code }]);
    }

    #[test]
    fn a_code_that_was_renamed() {
        let breaches = after(|codes| {
            let known = codes.remove("invalid_line_range").unwrap();
            codes.insert("bad_line_range".to_owned(), known);
        });
        let (code, to) = ("bad_line_range".to_owned(), "invalid_line_range".to_owned());
        assert_eq!(breaches, [Breach::Renamed { code, to }]);
    }

    #[test]
    fn a_code_that_changed_its_stage() {
        let breaches = after(|codes| of(codes, Code::InvalidJson).stage = "store".to_owned());
        assert_eq!(
            breaches,
            [Breach::Moved {
                code: "invalid_json".to_owned(),
                from: "store".to_owned(),
                to: "contract".to_owned(),
            }]
        );
    }

    #[test]
    fn a_parameter_that_is_lost_or_of_another_type() {
        let (code, parameter) = ("limit_exceeded".to_owned(), "unit".to_owned());
        let breaches = after(|codes| {
            let known = of(codes, Code::LimitExceeded);
            known
                .parameters
                .insert("unit".to_owned(), "text".to_owned());
        });
        assert_eq!(
            breaches,
            [Breach::LostParameter {
                code: code.clone(),
                parameter
            }]
        );
        let breaches = after(|codes| {
            let known = of(codes, Code::LimitExceeded);
            known
                .parameters
                .insert("path".to_owned(), "text".to_owned());
        });
        assert_eq!(
            breaches,
            [Breach::Retyped {
                code,
                parameter: "path".to_owned(),
                from: "text".to_owned(),
                to: "path".to_owned(),
            }]
        );
    }

    #[test]
    fn a_reason_that_is_lost() {
        let breaches = after(|codes| {
            of(codes, Code::InvalidJson)
                .reasons
                .push("smudged".to_owned());
        });
        let (code, reason) = ("invalid_json".to_owned(), "smudged".to_owned());
        assert_eq!(breaches, [Breach::LostReason { code, reason }]);
        let breaches = after(|codes| of(codes, Code::InvalidJson).summary = true);
        let code = "invalid_json".to_owned();
        assert_eq!(breaches, [Breach::LostCodes { code }]);
    }

    #[test]
    fn a_retired_code_that_is_active_again() {
        let breaches = after(|codes| {
            of(codes, Code::InvalidJson).status = ReleasedStatus::Retired;
        });
        let code = "invalid_json".to_owned();
        assert_eq!(breaches, [Breach::Revived { code }]);
    }
}
