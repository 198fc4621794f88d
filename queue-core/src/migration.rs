//! Which migrations to run: the plan is made here, a store only executes it.

use sha2::{Digest, Sha256};

/// A numbered, immutable step of a schema, with the way back.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// 1, 2, 3, … without gaps.
    pub version: u32,
    /// What it is about.
    pub name: &'static str,
    /// The statements that apply it.
    pub up: &'static str,
    /// The statements that undo it.
    pub down: &'static str,
}

impl Migration {
    /// SHA-256 of the way up: stored when applied, compared ever after.
    #[must_use]
    pub fn checksum(&self) -> String {
        crate::hex(&Sha256::digest(self.up.as_bytes()))
    }
}

/// A migration as a database remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppliedMigration {
    /// Its number.
    pub version: u32,
    /// The checksum of what was applied.
    pub checksum: String,
}

/// Which way to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationTarget {
    /// To the newest that this build has.
    Newest,
    /// To this version, up or down; 0 removes the schema.
    Version(u32),
}

/// Why no plan can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// The database is newer than the program.
    #[error(
        "the database has schema version {found}, this build knows {known}: use the program that \
         migrated it, this one cannot"
    )]
    Newer {
        /// The version found.
        found: u32,
        /// The newest this build has.
        known: u32,
    },
    /// A migration was edited after it was applied, or comes from another program.
    #[error(
        "migration {version} was applied with checksum {applied}, this build has {known}: the \
         database was migrated by another program; nothing was changed"
    )]
    Edited {
        /// Which.
        version: u32,
        /// What the database remembers.
        applied: String,
        /// What this build has.
        known: String,
    },
    /// There is a hole in what was applied.
    #[error(
        "the database lacks migration {0} but has later ones: restore its record; nothing was changed"
    )]
    Gap(u32),
    /// There is no such version.
    #[error("there is no schema version {wanted}: choose from 0 to {known}")]
    Unknown {
        /// What was asked for.
        wanted: u32,
        /// The newest this build has.
        known: u32,
    },
}

/// The steps to carry out, in order.
#[derive(Debug, Clone)]
pub enum MigrationPlan<'a> {
    /// Apply these.
    Up(Vec<&'a Migration>),
    /// Undo these.
    Down(Vec<&'a Migration>),
}

impl MigrationPlan<'_> {
    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Up(steps) | Self::Down(steps) => steps.is_empty(),
        }
    }
}

/// Compares what a database remembers with what this build has, and plans the way to `target`.
///
/// ```
/// use queue_core::migration::{AppliedMigration, Migration, MigrationPlan, MigrationTarget, plan};
/// const KNOWN: &[Migration] = &[
///     Migration { version: 1, name: "tables", up: "CREATE …", down: "DROP …" },
///     Migration { version: 2, name: "views", up: "CREATE …", down: "DROP …" },
/// ];
/// let applied = [AppliedMigration { version: 1, checksum: KNOWN[0].checksum() }];
/// let MigrationPlan::Up(steps) = plan(KNOWN, &applied, MigrationTarget::Newest).unwrap() else {
///     unreachable!("the newest is above");
/// };
/// assert_eq!(steps.iter().map(|step| step.name).collect::<Vec<_>>(), ["views"]);
///
/// let edited = [AppliedMigration { version: 1, checksum: "other".to_owned() }];
/// let refused = plan(KNOWN, &edited, MigrationTarget::Newest).unwrap_err();
/// assert!(refused.to_string().contains("nothing was changed"));
/// ```
pub fn plan<'a>(
    known: &'a [Migration],
    applied: &[AppliedMigration],
    target: MigrationTarget,
) -> Result<MigrationPlan<'a>, MigrationError> {
    let newest = known.last().map_or(0, |migration| migration.version);
    let found = verify(known, applied)?;
    let wanted = match target {
        MigrationTarget::Newest => newest,
        MigrationTarget::Version(wanted) if wanted <= newest => wanted,
        MigrationTarget::Version(wanted) => {
            return Err(MigrationError::Unknown {
                wanted,
                known: newest,
            });
        }
    };
    let between = |low: u32, high: u32| {
        known
            .iter()
            .filter(move |step| step.version > low && step.version <= high)
    };
    Ok(if wanted >= found {
        MigrationPlan::Up(between(found, wanted).collect())
    } else {
        MigrationPlan::Down(between(wanted, found).rev().collect())
    })
}

/// Checks what a database remembers against this build and returns its version.
pub fn verify(known: &[Migration], applied: &[AppliedMigration]) -> Result<u32, MigrationError> {
    let newest = known.last().map_or(0, |migration| migration.version);
    let mut applied: Vec<_> = applied.iter().collect();
    applied.sort_by_key(|migration| migration.version);
    let found = applied.last().map_or(0, |migration| migration.version);
    if found > newest {
        return Err(MigrationError::Newer {
            found,
            known: newest,
        });
    }
    for (migration, expected) in known.iter().zip(1u32..).take(found as usize) {
        let Some(record) = applied.iter().find(|record| record.version == expected) else {
            return Err(MigrationError::Gap(expected));
        };
        let checksum = migration.checksum();
        if record.checksum != checksum {
            return Err(MigrationError::Edited {
                version: expected,
                applied: record.checksum.clone(),
                known: checksum,
            });
        }
    }
    Ok(found)
}

/// What a database has of the steps that a build knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The version it has; 0 is no schema.
    pub found: u32,
    /// The version that the build works with.
    pub newest: u32,
    /// All steps, first to last: number, name, and whether it is applied.
    pub steps: Vec<(u32, &'static str, bool)>,
}

/// Compares without planning anything; what [`verify`] refuses is refused here too.
///
/// ```
/// use queue_core::migration::{AppliedMigration, Migration, survey};
/// const KNOWN: &[Migration] = &[
///     Migration { version: 1, name: "tables", up: "CREATE …", down: "DROP …" },
///     Migration { version: 2, name: "views", up: "CREATE …", down: "DROP …" },
/// ];
/// let applied = [AppliedMigration { version: 1, checksum: KNOWN[0].checksum() }];
/// let survey = survey(KNOWN, &applied).unwrap();
/// assert_eq!((survey.found, survey.newest), (1, 2));
/// assert_eq!(survey.steps, [(1, "tables", true), (2, "views", false)]);
/// ```
pub fn survey(known: &[Migration], applied: &[AppliedMigration]) -> Result<Survey, MigrationError> {
    let found = verify(known, applied)?;
    Ok(Survey {
        found,
        newest: known.last().map_or(0, |migration| migration.version),
        steps: known
            .iter()
            .map(|step| (step.version, step.name, step.version <= found))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &[Migration] = &[
        Migration {
            version: 1,
            name: "one",
            up: "a",
            down: "-a",
        },
        Migration {
            version: 2,
            name: "two",
            up: "b",
            down: "-b",
        },
        Migration {
            version: 3,
            name: "three",
            up: "c",
            down: "-c",
        },
    ];

    fn applied(count: usize) -> Vec<AppliedMigration> {
        KNOWN[..count]
            .iter()
            .map(|m| AppliedMigration {
                version: m.version,
                checksum: m.checksum(),
            })
            .collect()
    }

    fn versions(plan: &MigrationPlan<'_>) -> Vec<u32> {
        let (MigrationPlan::Up(steps) | MigrationPlan::Down(steps)) = plan;
        steps.iter().map(|m| m.version).collect()
    }

    #[test]
    fn it_goes_up_and_down_step_by_step() {
        let up = plan(KNOWN, &applied(1), MigrationTarget::Newest).unwrap();
        assert!(matches!(up, MigrationPlan::Up(_)));
        assert_eq!(versions(&up), [2, 3]);
        let down = plan(KNOWN, &applied(3), MigrationTarget::Version(1)).unwrap();
        assert!(matches!(down, MigrationPlan::Down(_)));
        assert_eq!(versions(&down), [3, 2]);
        assert!(
            plan(KNOWN, &applied(3), MigrationTarget::Newest)
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn it_refuses_newer_edited_gapped_and_unknown() {
        let newer = AppliedMigration {
            version: 4,
            checksum: String::new(),
        };
        assert!(matches!(
            verify(KNOWN, &[newer]),
            Err(MigrationError::Newer { found: 4, known: 3 })
        ));
        let mut edited = applied(2);
        edited[1].checksum = "other".to_owned();
        assert!(matches!(
            verify(KNOWN, &edited),
            Err(MigrationError::Edited { version: 2, .. })
        ));
        let gapped = applied(3).split_off(1);
        assert!(matches!(
            verify(KNOWN, &gapped),
            Err(MigrationError::Gap(1))
        ));
        let unknown = plan(KNOWN, &[], MigrationTarget::Version(9));
        assert!(matches!(
            unknown,
            Err(MigrationError::Unknown {
                wanted: 9,
                known: 3
            })
        ));
    }
}
