//! Where a configuration says that archives go.

use queue_core::channel::SecretSource;

use crate::{AuditKey, InvalidConfig, SweeperSection};

/// Whether there is a folder that takes a file, and a key that signs, where archives are configured at all.
///
/// ```
/// use queue_ops::{Config, archive::check_archive};
/// let config = Config::from_toml("[sweeper]\naudit_archive = \"/archive\"").unwrap();
/// let error = check_archive(&config.sweeper).unwrap_err().to_string();
/// assert!(error.contains("give `sweeper.audit_key_file` as well"));
/// ```
pub fn check_archive(section: &SweeperSection) -> Result<(), InvalidConfig> {
    let wrong = |key: &'static str, problem: String| InvalidConfig::Unusable { key, problem };
    let (folder, key) = match (&section.audit_archive, &section.audit_key_file) {
        (None, None) => return Ok(()),
        (Some(folder), Some(key)) => (folder, key),
        (Some(_), None) => {
            let problem = "archives are signed: give `sweeper.audit_key_file` as well";
            return Err(wrong("sweeper.audit_archive", problem.to_owned()));
        }
        (None, Some(_)) => {
            let problem = "there is no folder for archives: give `sweeper.audit_archive` as well";
            return Err(wrong("sweeper.audit_key_file", problem.to_owned()));
        }
    };
    // A file without a name: it is gone at once.
    if let Err(error) = tempfile::tempfile_in(folder) {
        let kind = std::io::Error::from(error.kind());
        let problem = format!(
            "no file can be made in {}: {kind}; give a folder that this user may write to",
            folder.display()
        );
        return Err(wrong("sweeper.audit_archive", problem));
    }
    match AuditKey::read(&SecretSource::File(key.clone())) {
        Ok(_) => Ok(()),
        Err(error) => Err(wrong("sweeper.audit_key_file", error.to_string())),
    }
}
