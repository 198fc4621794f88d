//! What makes a type of the table of codes.

/// The type [`Code`](super::Code) and its entries, from one table.
macro_rules! table {
    ($(
        $variant:ident = $name:literal $(short $short:literal)?,
        since $since:literal $(retired $gone:literal instead $instead:expr)?,
        $stage:ident, $retry:ident, $responsible:ident {
            meaning $meaning:literal
            remedy $remedy:literal
            $(parameters { $($parameter:ident: $kind:ident $says:literal),+ $(,)? })?
            $(reasons { $($reason:ident $because:literal),+ $(,)? })?
            $(reason of $summary:literal)?
            example $example:ident $provocation:literal
        }
    )+) => {
        /// A stable machine-readable code.
        ///
        /// ```
        /// use queue_core::Code;
        /// assert_eq!(Code::LeaseExpired.as_str(), "LEASE_EXPIRED");
        /// assert_eq!("LEASE_EXPIRED".parse(), Ok(Code::LeaseExpired));
        /// assert_eq!(serde_json::to_string(&Code::InvalidJson).unwrap(), r#""invalid_json""#);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = $meaning] $variant,)+
        }

        impl Code {
            /// The code itself.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The name under which a [`StoreError`](crate::StoreError) gives it, where that is shorter.
            #[must_use]
            pub(crate) const fn short(self) -> &'static str {
                match self {
                    $($(Self::$variant => $short,)?)+
                    other => other.as_str(),
                }
            }

            /// What is to be known of it.
            ///
            /// ```
            /// use queue_core::{Code, catalogue::Retry};
            /// assert_eq!(Code::NetworkTimeout.entry().retry, Retry::Same);
            /// ```
            #[must_use]
            pub fn entry(self) -> &'static Entry {
                match self {
                    $(Self::$variant => {
                        static ENTRY: Entry = Entry {
                            code: Code::$variant,
                            short: short!($($short)?),
                            since: $since,
                            status: status!($($gone, $instead)?),
                            stage: Stage::$stage,
                            retry: Retry::$retry,
                            responsible: Responsible::$responsible,
                            meaning: $meaning,
                            remedy: $remedy,
                            parameters: &[$($(Parameter {
                                name: stringify!($parameter),
                                kind: ParameterKind::$kind,
                                meaning: $says,
                            }),+)?],
                            reasons: &[$($(Reason {
                                name: stringify!($reason),
                                meaning: $because,
                            }),+)?],
                            summary: summary!($($summary)?),
                            example: Example::$example($provocation),
                        };
                        &ENTRY
                    })+
                }
            }

            /// Every code, in the order of the table.
            ///
            /// ```
            /// use queue_core::Code;
            /// assert!(Code::all().contains(&Code::InvalidJson));
            /// ```
            #[must_use]
            pub fn all() -> &'static [Self] {
                &[$(Self::$variant),+]
            }
        }
    };
}

macro_rules! short {
    () => {
        None
    };
    ($short:literal) => {
        Some($short)
    };
}

macro_rules! status {
    () => {
        Status::Active
    };
    ($since:literal, $instead:expr) => {
        Status::Retired {
            since: $since,
            instead: $instead,
        }
    };
}

macro_rules! summary {
    () => {
        false
    };
    ($of:literal) => {
        true
    };
}
