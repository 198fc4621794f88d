//! A key of a channel's or a rule's table: what may be written, and what it is for.

/// A key of a table with a name of its own, as `host` of `[channels.mail]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChannelKey {
    /// Its name. One for a secret stands for several, see [`Self::written`].
    pub name: &'static str,
    /// What it is for, in a line.
    pub meaning: &'static str,
    /// What holds where nobody says otherwise, as it stands in TOML.
    pub default: Option<&'static str>,
    /// Whether it must be there.
    pub required: bool,
    pub(super) shape: Shape,
}

/// What a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// A text of which only a part is shown: an address of a person, or a URL that may hold a token.
    Masked,
    /// A whole number within these bounds.
    Number(u64, u64),
    Flag,
    Span,
    /// A time span, or `ever`.
    SpanOrEver,
    Choice(&'static [&'static str]),
    Rate,
    Path,
    Paths,
    Texts,
    MaskedTexts,
    Networks,
    /// Where a secret is: a file, a credential of systemd, a variable of the environment.
    Secret,
    /// Several of those, in one text each.
    Sources,
    /// Several of those for each recipient.
    SourcesOf,
    /// JSON: a table here, or a file.
    Json,
    /// Channels and recipients.
    Targets,
}

/// How a key may go on that stands for several.
const SECRET: &[&str] = &["_file", "_credential", "_env"];
const JSON: &[&str] = &["", "_file"];

pub(super) const fn key(name: &'static str, shape: Shape, meaning: &'static str) -> ChannelKey {
    ChannelKey {
        name,
        meaning,
        default: None,
        required: false,
        shape,
    }
}

impl ChannelKey {
    pub(super) const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    fn endings(&self) -> &'static [&'static str] {
        match self.shape {
            Shape::Secret => SECRET,
            Shape::Json => JSON,
            _ => &[""],
        }
    }

    /// How it is written. More than one for a secret, which is in a file, a credential of systemd or a
    /// variable, and for what is either here or in a file of its own.
    ///
    /// ```
    /// use queue_ops::ChannelType;
    /// let password = ChannelType::Smtp.keys().find(|key| key.name == "password").unwrap();
    /// assert_eq!(password.written(), ["password_file", "password_credential", "password_env"]);
    /// ```
    #[must_use]
    pub fn written(&self) -> Vec<String> {
        let endings = self.endings().iter();
        endings
            .map(|ending| format!("{}{ending}", self.name))
            .collect()
    }

    /// Whether this is what is written so, and how it goes on.
    pub(super) fn ending(&self, written: &str) -> Option<&'static str> {
        let rest = written.strip_prefix(self.name)?;
        self.endings()
            .iter()
            .copied()
            .find(|ending| *ending == rest)
    }

    /// Whether a variable of the environment can say it: a list or a table it cannot.
    pub(super) fn is_scalar(&self) -> bool {
        !matches!(
            self.shape,
            Shape::Paths
                | Shape::Texts
                | Shape::MaskedTexts
                | Shape::Networks
                | Shape::Sources
                | Shape::SourcesOf
                | Shape::Json
                | Shape::Targets
        )
    }
}
