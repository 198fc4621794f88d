//! Who we are for NATS.

use async_nats::ConnectOptions;
use secrecy::{ExposeSecret, SecretString};

use crate::channel::{SecretSource, SendError};

/// Who we are for NATS. Secrets are read for each new connection.
#[derive(Debug, Clone)]
pub struct NatsLogin(Kind);

#[derive(Debug, Clone)]
enum Kind {
    Password {
        user: String,
        password: SecretSource,
    },
    Token(SecretSource),
    NKey(SecretSource),
    Credentials(SecretSource),
}

impl NatsLogin {
    /// A user with a password.
    #[must_use]
    pub fn password(user: impl Into<String>, password: SecretSource) -> Self {
        let user = user.into();
        Self(Kind::Password { user, password })
    }

    /// A token.
    #[must_use]
    pub fn token(token: SecretSource) -> Self {
        Self(Kind::Token(token))
    }

    /// The seed of an NKey: `SU…`.
    #[must_use]
    pub fn nkey(seed: SecretSource) -> Self {
        Self(Kind::NKey(seed))
    }

    /// What a `.creds` file has: a JWT and a seed.
    #[must_use]
    pub fn credentials(text: SecretSource) -> Self {
        Self(Kind::Credentials(text))
    }

    /// The options with it, and the secret that is to be kept out of texts.
    pub(super) fn apply(
        &self,
        options: ConnectOptions,
    ) -> Result<(ConnectOptions, SecretString), SendError> {
        let (Kind::Password {
            password: source, ..
        }
        | Kind::Token(source)
        | Kind::NKey(source)
        | Kind::Credentials(source)) = &self.0;
        // Ours to put right, and no message's fault.
        let secret = source
            .read()
            .map_err(|error| SendError::not_ready(error.to_string()))?;
        let text = secret.expose_secret().to_owned();
        let options = match &self.0 {
            Kind::Password { user, .. } => options.user_and_password(user.clone(), text),
            Kind::Token(_) => options.token(text),
            Kind::NKey(_) => options.nkey(text),
            Kind::Credentials(_) => options.credentials(&text).map_err(|_| {
                SendError::sender_refused(format!(
                    "{source} has not the form of a .creds file: a JWT and a seed, each between lines of dashes"
                ))
            })?,
        };
        Ok((options, secret))
    }
}
