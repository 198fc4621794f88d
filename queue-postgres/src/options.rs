//! Where the database is and how to work with it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use queue_core::migration::{MigrationTarget, Survey};
use queue_core::{Act, Clock, StoreError};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};
use url::Url;

use crate::PostgresStore;
use crate::facts::{PostgresFacts, PostgresPlace};
use crate::fault::Fault;
use crate::migrations::{self, By};
use crate::ops::days;
use crate::ops::facts::{self, Way};
use crate::pool::{Pool, place};
use crate::session::{Mode, Session, Setting};
use crate::sql::{DEFAULT_SCHEMA, Dialect};

/// Parameters of the URL that are ours.
const OURS: &str = "schema, pool, migrate, prepared, listen";
/// Parameters of the URL that go to the driver.
const DRIVERS: [&str; 13] = [
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "statement-cache-capacity",
];

/// How to open a store.
///
/// ```
/// use queue_postgres::PostgresOptions;
///
/// let options = PostgresOptions::new("postgres://app@db.internal/app?schema=queue&pool=20")?;
/// assert!(format!("{options:?}").contains("queue"));
///
/// let error = PostgresOptions::new("postgres://db/app?pol=3").unwrap_err();
/// assert!(error.to_string().contains("`pol`") && error.to_string().contains("schema, pool"));
/// # Ok::<(), queue_core::StoreError>(())
/// ```
#[derive(Clone)]
pub struct PostgresOptions {
    connect: PgConnectOptions,
    schema: String,
    pool_size: u32,
    prepared: bool,
    listen: Option<PgConnectOptions>,
    migrate: bool,
    patience: Duration,
    clock: Clock,
}

/// Without the password.
impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("host", &self.connect.get_host())
            .field("socket", &self.connect.get_socket())
            .field("port", &self.connect.get_port())
            .field("user", &self.connect.get_username())
            .field("database", &self.connect.get_database())
            .field("schema", &self.schema)
            .field("pool_size", &self.pool_size)
            .field("prepared", &self.prepared)
            .field("listen", &self.listen.as_ref().map(place))
            .field("migrate", &self.migrate)
            .field("patience", &self.patience)
            .field("clock", &self.clock)
            .finish()
    }
}

/// The URL that a complaint is about.
const STORE: &str = "the database URL";
const LISTENER: &str = "the URL to listen at";

fn refused(
    which: &'static str,
    problem: impl Into<String>,
    remedy: impl Into<String>,
) -> StoreError {
    // Never the URL itself: there may be a password in it.
    StoreError::refused(which, problem, remedy)
}

/// Takes a URL apart: what goes to the driver, and parameters of ours.
fn read(
    which: &'static str,
    url: &str,
) -> Result<(PgConnectOptions, Vec<(String, String)>), StoreError> {
    let mut parsed = Url::parse(url).map_err(|error| {
        refused(
            which,
            format!("it is not a URL: {error}"),
            "write postgres://user@host/database",
        )
    })?;
    if !matches!(parsed.scheme(), "postgres" | "postgresql") {
        return Err(refused(
            which,
            format!("its scheme is {}", parsed.scheme()),
            "write postgres://user@host/database",
        ));
    }
    let pairs: Vec<(String, String)> = parsed.query_pairs().into_owned().collect();
    let mut theirs = Vec::new();
    let mut ours = Vec::new();
    for (name, value) in pairs {
        match name.as_str() {
            "schema" | "pool" | "migrate" | "prepared" | "listen" => ours.push((name, value)),
            known if DRIVERS.contains(&known) || known.starts_with("options[") => {
                theirs.push((name, value));
            }
            unknown => {
                return Err(refused(
                    which,
                    format!("there is no parameter `{}`", unknown.escape_default()),
                    format!("choose from {OURS}, {}", DRIVERS.join(", ")),
                ));
            }
        }
    }
    parsed.set_query(None);
    if !theirs.is_empty() {
        parsed.query_pairs_mut().extend_pairs(theirs);
    }
    let connect = PgConnectOptions::from_str(parsed.as_str()).map_err(|error| {
        refused(
            which,
            error.to_string(),
            "write postgres://user@host/database",
        )
    })?;
    let connect = connect
        // PgBouncer takes no start parameter that it does not know. The server's own default has been
        // exact since Postgres 12.
        .extra_float_digits(None)
        .statement_cache_capacity(256)
        .disable_statement_logging();
    Ok((connect, ours))
}

impl PostgresOptions {
    /// From a URL: `postgres://user:password@host:port/database`, with a socket's directory as
    /// `?host=/run/postgresql`. Besides what the driver knows it may have
    ///
    /// - `schema`: where the tables are, `leasehold` unless said otherwise,
    /// - `pool`: how many connections at most, 10 unless said otherwise,
    /// - `migrate=true`: bring the schema up to date when connecting,
    /// - `prepared=false`: for PgBouncer in transaction mode,
    /// - `listen=postgres://…`, percent-encoded: a way around such a pooler, see [`Self::listen_at`].
    pub fn new(url: &str) -> Result<Self, StoreError> {
        let (connect, ours) = read(STORE, url)?;
        let named = connect.get_application_name().is_some();
        let options = Self {
            connect,
            schema: DEFAULT_SCHEMA.to_owned(),
            pool_size: 10,
            prepared: true,
            listen: None,
            migrate: false,
            patience: Duration::from_secs(10),
            clock: Clock::Database,
        };
        let options = if named {
            options
        } else {
            options.application_name("leasehold")
        };
        ours.into_iter()
            .try_fold(options, |options, (name, value)| match name.as_str() {
                "schema" => options.schema(&value),
                "pool" => options.pool_size(parse(&name, &value, "a number from 1 to 1000")?),
                "migrate" => Ok(options.migrate_on_connect(parse(&name, &value, "true or false")?)),
                "listen" => options.listen_at(&value),
                _ => Ok(options.prepared(parse(&name, &value, "true or false")?)),
            })
    }

    /// The schema that the tables are in: lower-case letters, digits and `_`, at most 40.
    pub fn schema(mut self, name: &str) -> Result<Self, StoreError> {
        let valid = (1..=40).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && !name.starts_with("pg_");
        if !valid {
            let shown: String = name
                .chars()
                .take(40)
                .flat_map(char::escape_default)
                .collect();
            return Err(StoreError::refused(
                format!("the schema name `{shown}`"),
                "it is not one that works everywhere",
                "write 1 to 40 of a-z, 0-9 and _, beginning with a letter and not with pg_",
            ));
        }
        name.clone_into(&mut self.schema);
        Ok(self)
    }

    /// How many connections at most, from 1 to 1000; one more is used to listen.
    pub fn pool_size(mut self, size: u32) -> Result<Self, StoreError> {
        if !(1..=1000).contains(&size) {
            return Err(StoreError::refused(
                format!("a pool of {size} connections"),
                "it cannot work",
                "choose from 1 to 1000",
            ));
        }
        self.pool_size = size;
        Ok(self)
    }

    /// Where time comes from: the database, unless a test moves it by hand.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Whether statements stay prepared on their connection: not through PgBouncer in transaction
    /// mode. Without, nobody listens for wake-ups either, unless [`Self::listen_at`] says where:
    /// workers poll.
    #[must_use]
    pub fn prepared(mut self, prepared: bool) -> Self {
        self.prepared = prepared;
        self
    }

    /// Where to listen for wake-ups, if not where everything else is done: the URL of the same database
    /// without a pooler in between. One connection of each process goes there, while somebody waits.
    pub fn listen_at(mut self, url: &str) -> Result<Self, StoreError> {
        let (connect, ours) = read(LISTENER, url)?;
        if let Some((name, _)) = ours.first() {
            return Err(refused(
                LISTENER,
                format!("it has the parameter `{name}`"),
                "give that to the store's own URL",
            ));
        }
        let name = connect
            .get_application_name()
            .unwrap_or("leasehold")
            .to_owned();
        self.listen = Some(connect.application_name(&name));
        Ok(self)
    }

    /// Whether connecting brings the schema up to date first.
    #[must_use]
    pub fn migrate_on_connect(mut self, migrate: bool) -> Self {
        self.migrate = migrate;
        self
    }

    /// What the server shows for our connections.
    #[must_use]
    pub fn application_name(mut self, name: &str) -> Self {
        self.connect = self.connect.application_name(name);
        self.listen = self.listen.map(|listen| listen.application_name(name));
        self
    }

    /// How long to wait for a free connection, for a new one, or for a lock that another holds; 10 s
    /// unless said otherwise.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Opens the store. The server must be a primary, and the schema the one of this build.
    pub async fn connect(self) -> Result<PostgresStore, StoreError> {
        if self.migrate {
            self.migrate().await?;
        }
        let dialect = Dialect::new(&self.schema);
        let pool = Pool::new(
            self.connect.clone(),
            self.pool_size,
            self.prepared,
            self.patience,
        );
        let mut connection = self.open("connect").await?;
        let store = migrations::open(&mut connection, &dialect)
            .await
            .map_err(|fault| fault.named("connect", Duration::ZERO))?;
        let setting = Setting {
            dialect,
            store,
            prepared: self.prepared,
            patience: self.patience,
        };
        prepare_days(&mut connection, &setting, &self.clock).await;
        let own = self.prepared.then_some(self.connect);
        let listen = self.listen.or(own);
        Ok(PostgresStore::new(pool, setting, self.clock, listen))
    }

    /// Brings the schema to the newest version that this build has, and returns it.
    pub async fn migrate(&self) -> Result<u32, StoreError> {
        self.migrate_to(MigrationTarget::Newest).await
    }

    /// Brings the schema up or down to a version, all or nothing, and returns it. Processes that do
    /// so at the same time take turns. Version 0 removes the schema with everything in it.
    pub async fn migrate_to(&self, target: MigrationTarget) -> Result<u32, StoreError> {
        self.migrate_as(target, None).await
    }

    /// As [`Self::migrate_to`], on record in the audit trail, in the same transaction: who, why, from which
    /// version to which. Where nothing was to be done there is no record, and behind version 0 no trail.
    ///
    /// ```
    /// use queue_core::migration::MigrationTarget;
    /// use queue_core::{Act, Actor, AuditFilter, AuditPage, OperatorStore};
    /// use queue_postgres::PostgresOptions;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let cluster = fixtures::postgres::PostgresCluster::start();
    /// # let url = cluster.create_database();
    /// let options = PostgresOptions::new(&url).unwrap();
    /// let act = Act::new(Actor::new("ada").unwrap(), "release 7");
    /// options.migrate_by(MigrationTarget::Newest, &act).await.unwrap();
    /// options.migrate_by(MigrationTarget::Newest, &act).await.unwrap();
    /// let store = options.connect().await.unwrap();
    /// let newest = AuditPage::newest(10).unwrap();
    /// let trail = store.audit(&AuditFilter::default(), newest).await.unwrap();
    /// assert_eq!(trail.records.len(), 1);
    /// assert_eq!(trail.records[0].entry.action, "leasehold.migrate");
    /// # });
    /// ```
    pub async fn migrate_by(&self, target: MigrationTarget, act: &Act) -> Result<u32, StoreError> {
        let clock = &self.clock;
        self.migrate_as(target, Some(By { act, clock })).await
    }

    async fn migrate_as(
        &self,
        target: MigrationTarget,
        by: Option<By<'_>>,
    ) -> Result<u32, StoreError> {
        let mut connection = self.open("migrate").await?;
        let named = |fault: Fault| fault.named("migrate", Duration::ZERO);
        let dialect = Dialect::new(&self.schema);
        let version = migrations::migrate(&mut connection, &dialect, target, by)
            .await
            .map_err(named)?;
        if version == migrations::NEWEST {
            let setting = Setting {
                store: migrations::open(&mut connection, &dialect)
                    .await
                    .map_err(named)?,
                dialect,
                prepared: self.prepared,
                patience: self.patience,
            };
            prepare_days(&mut connection, &setting, &self.clock).await;
        }
        Ok(version)
    }

    /// What the database has of the schema, without changing anything in it. A schema that is newer
    /// than this build, or another program's, is refused.
    ///
    /// ```
    /// use queue_postgres::PostgresOptions;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let cluster = fixtures::postgres::PostgresCluster::start();
    /// # let url = cluster.create_database();
    /// let options = PostgresOptions::new(&url).unwrap();
    /// assert_eq!(options.survey().await.unwrap().found, 0);
    /// let newest = options.migrate().await.unwrap();
    /// assert_eq!(options.survey().await.unwrap().found, newest);
    /// # });
    /// ```
    pub async fn survey(&self) -> Result<Survey, StoreError> {
        let mut connection = self.open("survey").await?;
        migrations::survey(&mut connection, &Dialect::new(&self.schema))
            .await
            .map_err(|fault| fault.named("survey", Duration::ZERO))
    }

    /// How the server is set up and how it is reached, whatever is wrong with it. Changes nothing, and
    /// opens few connections: two at a time, or up to six behind a pooler.
    ///
    /// ```
    /// use queue_postgres::{Pooler, PostgresOptions};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let cluster = fixtures::postgres::PostgresCluster::start_durable();
    /// # let url = cluster.create_database();
    /// let facts = PostgresOptions::new(&url).unwrap().facts().await.unwrap();
    /// assert!(facts.server.fsync && facts.server.synchronous_commit == "on");
    /// assert_eq!(facts.pooler, Pooler::None);
    /// assert!(facts.tables.is_empty(), "there is no schema yet");
    /// # });
    /// ```
    pub async fn facts(&self) -> Result<PostgresFacts, StoreError> {
        facts::facts(Way {
            connect: &self.connect,
            listen: self.listen.as_ref(),
            dialect: &Dialect::new(&self.schema),
            prepared: self.prepared,
            pool_size: self.pool_size,
            patience: self.patience,
        })
        .await
    }

    /// Where the database is.
    ///
    /// ```
    /// use queue_postgres::PostgresOptions;
    /// let place = PostgresOptions::new("postgres://ops:secret@db/app").unwrap().place();
    /// assert_eq!((place.host.as_str(), place.port), ("db", 5432));
    /// assert_eq!(place.user, "ops");
    /// ```
    #[must_use]
    pub fn place(&self) -> PostgresPlace {
        let connect = &self.connect;
        let socket = connect.get_socket().map(|path| path.display().to_string());
        let user = connect.get_username().to_owned();
        PostgresPlace {
            host: socket.unwrap_or_else(|| connect.get_host().to_owned()),
            port: connect.get_port(),
            database: connect.get_database().unwrap_or(&user).to_owned(),
            user,
            schema: self.schema.clone(),
        }
    }

    async fn open(&self, operation: &'static str) -> Result<PgConnection, StoreError> {
        let pool = Pool::new(self.connect.clone(), 1, false, self.patience);
        pool.connect_for(operation).await
    }
}

/// Makes partitions for the days to come, unless they are there: a look, mostly. Whoever may not, or
/// not now, works without them.
async fn prepare_days(conn: &mut PgConnection, setting: &Setting, clock: &Clock) {
    let time = clock.override_time();
    let result = async {
        let mut session = Session::begin(conn, setting, time, Mode::Read).await?;
        let missing = days::is_day_missing(&mut session).await;
        let (mut missing, _) = session.end(missing).await?;
        while missing {
            let mut session = Session::begin(conn, setting, time, Mode::Transaction).await?;
            let created = days::create_days(&mut session).await;
            (missing, _) = session.end(created).await?;
        }
        Ok::<_, Fault>(())
    };
    if let Err(fault) = result.await {
        let error = fault.named("connect", Duration::ZERO);
        tracing::warn!(%error, "the days to come have no partitions yet; `maintain` makes them too");
    }
}

fn parse<T: FromStr>(name: &str, value: &str, rule: &str) -> Result<T, StoreError> {
    value.parse().map_err(|_| {
        refused(
            STORE,
            format!("`{}` is not a value for {name}", value.escape_default()),
            format!("write {rule}"),
        )
    })
}

impl FromStr for PostgresOptions {
    type Err = StoreError;
    fn from_str(url: &str) -> Result<Self, StoreError> {
        Self::new(url)
    }
}
