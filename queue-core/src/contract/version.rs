//! Versions of documents, and which of them a reader takes.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// `major.minor` or `major.minor.patch`, of ASCII digits without zeros before them.
///
/// ```
/// use queue_core::contract::Version;
/// let version: Version = "1.12".parse().unwrap();
/// assert!(version > "1.2".parse().unwrap());
/// assert!("1".parse::<Version>().is_err() && "01.2".parse::<Version>().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// Another one cannot be read.
    pub major: u32,
    /// A higher one only adds.
    pub minor: u32,
    /// Says the same in other words; not every kind of version has one.
    pub patch: Option<u32>,
}

/// What was given is no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a version: write `major.minor` or `major.minor.patch`, as in 1.4 or 2.0.1")]
pub struct InvalidVersion;

impl FromStr for Version {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, InvalidVersion> {
        let mut parts = text.split('.');
        let (major, minor) = (part(parts.next())?, part(parts.next())?);
        let patch = match parts.next() {
            None => None,
            some => Some(part(some)?),
        };
        match parts.next() {
            None => Ok(Self {
                major,
                minor,
                patch,
            }),
            Some(_) => Err(InvalidVersion),
        }
    }
}

fn part(text: Option<&str>) -> Result<u32, InvalidVersion> {
    let text = text.ok_or(InvalidVersion)?;
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits || (text.len() > 1 && text.starts_with('0')) {
        return Err(InvalidVersion);
    }
    text.parse().map_err(|_| InvalidVersion)
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        match self.patch {
            Some(patch) => write!(f, ".{patch}"),
            None => Ok(()),
        }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// How near a document's version must be to one that is taken.
///
/// ```
/// use queue_core::contract::{Version, VersionPolicy};
/// let read: Version = "1.4".parse().unwrap();
/// let newer: Version = "1.5".parse().unwrap();
/// assert!(VersionPolicy::MinorCompatible.takes(read, newer));
/// assert!(!VersionPolicy::Exact.takes(read, newer));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VersionPolicy {
    /// The same; where no patch is given it is 0.
    Exact,
    /// The same major version, and a minor one as high or higher.
    MinorCompatible,
    /// The same major and minor version, and any patch.
    PatchDrift,
}

impl VersionPolicy {
    /// Whether a document's version is near enough to the one that is read.
    #[must_use]
    pub fn takes(self, read: Version, found: Version) -> bool {
        self.refusal(read, found).is_none()
    }

    /// What stands against it, as a reason of `incompatible_version`.
    fn refusal(self, read: Version, found: Version) -> Option<&'static str> {
        if found.major != read.major {
            return Some("major_differs");
        }
        let (same_minor, same_patch) = (
            found.minor == read.minor,
            found.patch.unwrap_or(0) == read.patch.unwrap_or(0),
        );
        match self {
            Self::Exact => (!same_minor || !same_patch).then_some("not_exact"),
            Self::MinorCompatible => (found.minor < read.minor).then_some("older_minor"),
            Self::PatchDrift => (!same_minor).then_some("minor_differs"),
        }
    }
}

/// Of how many parts a version is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionForm {
    /// `major.minor`.
    #[default]
    MajorMinor,
    /// `major.minor` or `major.minor.patch`.
    MajorMinorPatch,
}

/// A version that is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// The version that is read.
    pub version: Version,
    /// How near a document's must be.
    pub policy: VersionPolicy,
}

/// The versions of a document that are taken: several, while a new one is rolled out.
///
/// ```
/// use queue_core::contract::{Version, VersionPolicy, Versions};
/// let versions = Versions::major_minor()
///     .accept("1.4".parse().unwrap(), VersionPolicy::MinorCompatible)
///     .accept("2.0".parse().unwrap(), VersionPolicy::Exact);
/// assert_eq!(versions.read("1.7").unwrap(), "1.4".parse::<Version>().unwrap());
/// assert_eq!(versions.read("2.1").unwrap_err(), "not_exact");
/// assert_eq!(versions.read("3.0").unwrap_err(), "major_differs");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Versions {
    /// Of how many parts they are.
    #[serde(default)]
    pub form: VersionForm,
    /// Those that are taken; the first that takes a document's version counts.
    pub accept: Vec<Accepted>,
}

impl Versions {
    /// Of the form `major.minor`.
    #[must_use]
    pub fn major_minor() -> Self {
        Self {
            form: VersionForm::MajorMinor,
            accept: Vec::new(),
        }
    }

    /// Of the form `major.minor` or `major.minor.patch`.
    #[must_use]
    pub fn with_patch() -> Self {
        Self {
            form: VersionForm::MajorMinorPatch,
            accept: Vec::new(),
        }
    }

    /// Takes this version too.
    #[must_use]
    pub fn accept(mut self, version: Version, policy: VersionPolicy) -> Self {
        self.accept.push(Accepted { version, policy });
        self
    }

    /// Which of those that are taken a document's version counts as.
    ///
    /// # Errors
    ///
    /// The reason of `incompatible_version`, of the one that came nearest.
    pub fn read(&self, found: &str) -> Result<Version, &'static str> {
        let found: Version = found.parse().map_err(|_| "malformed")?;
        if self.form == VersionForm::MajorMinor && found.patch.is_some() {
            return Err("malformed");
        }
        let mut nearest = "major_differs";
        for Accepted { version, policy } in &self.accept {
            match policy.refusal(*version, found) {
                None => return Ok(*version),
                Some("major_differs") => {}
                Some(nearer) => nearest = nearer,
            }
        }
        Err(nearest)
    }

    /// Those that are taken, for people.
    pub(super) fn described(&self) -> String {
        let taken: Vec<_> = self
            .accept
            .iter()
            .map(|Accepted { version, policy }| match policy {
                VersionPolicy::Exact => version.to_string(),
                VersionPolicy::MinorCompatible => {
                    format!("{version} or a later {}.x", version.major)
                }
                VersionPolicy::PatchDrift => format!("{}.{}.x", version.major, version.minor),
            })
            .collect();
        taken.join(", or ")
    }
}
