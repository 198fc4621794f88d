//! The prompts that there are.

use queue_core::contract::Version;

/// A prompt by its version; each stays as it is once it was used, and a better one gets a number of its own.
///
/// ```
/// use review_service::model::PromptVersion;
/// let known = PromptVersion::find("1.0.0".parse().unwrap()).unwrap();
/// assert!(known.instructions().contains("Only files in the change"));
/// let error = PromptVersion::find("3.0.0".parse().unwrap()).unwrap_err();
/// assert_eq!(error.to_string(), "there is no prompt 3.0.0: write 1.0.0 or 1.1.0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromptVersion {
    version: Version,
    instructions: &'static str,
}

const fn version(major: u32, minor: u32, patch: u32) -> Version {
    Version {
        major,
        minor,
        patch: Some(patch),
    }
}

const ALL: [PromptVersion; 2] = [
    PromptVersion {
        version: version(1, 0, 0),
        instructions: include_str!("prompts/1.0.0.md"),
    },
    PromptVersion {
        version: version(1, 1, 0),
        instructions: include_str!("prompts/1.1.0.md"),
    },
];

/// There is no prompt of that version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no prompt {0}: write {known}", known = known())]
pub struct UnknownPrompt(pub Version);

fn known() -> String {
    let known: Vec<_> = ALL.iter().map(|known| known.version.to_string()).collect();
    known.join(" or ")
}

impl PromptVersion {
    /// The prompt of exactly that version.
    ///
    /// # Errors
    ///
    /// [`UnknownPrompt`] with those that there are.
    pub fn find(version: Version) -> Result<Self, UnknownPrompt> {
        let mut all = ALL.into_iter();
        all.find(|known| known.version == version)
            .ok_or(UnknownPrompt(version))
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// What it tells the model to do, without what to write.
    #[must_use]
    pub fn instructions(&self) -> &'static str {
        self.instructions
    }
}
