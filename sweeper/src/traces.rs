//! Traces of passes, and of what they call, by OpenTelemetry's protocol over HTTP.

#[cfg(not(feature = "otlp"))]
use queue_ops::telemetry::Listener;
#[cfg(not(feature = "otlp"))]
use tokio::runtime::Handle;

/// What sends them; what was not sent yet goes when it ends.
#[derive(Debug)]
pub(crate) struct Traces {
    #[cfg(feature = "otlp")]
    provider: opentelemetry_sdk::trace::SdkTracerProvider,
}

/// Sends them to a collector, from the threads of a runtime.
#[cfg(not(feature = "otlp"))]
pub(crate) fn begin(_: &str, _: &Handle) -> Result<(Traces, Listener), String> {
    Err("log.traces: this build sends no traces; build it with `--features otlp`, or take the key away".to_owned())
}

#[cfg(not(feature = "otlp"))]
impl Traces {
    pub(crate) fn end(self) {}
}

#[cfg(feature = "otlp")]
pub(crate) use exporter::begin;

#[cfg(feature = "otlp")]
mod exporter {
    use std::fmt;
    use std::time::Duration;

    use async_trait::async_trait;
    use bytes::Bytes;
    use http_body_util::{BodyExt, Full, Limited};
    use hyper::{Request, Response};
    use hyper_util::client::legacy::Client;
    use hyper_util::client::legacy::connect::HttpConnector;
    use hyper_util::rt::TokioExecutor;
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_http::{HttpClient, HttpError};
    use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use queue_ops::shown_url;
    use queue_ops::telemetry::Listener;
    use tokio::runtime::Handle;
    use tracing::level_filters::LevelFilter;
    use tracing_subscriber::Layer;
    use tracing_subscriber::filter::Targets;

    use super::Traces;

    /// How long a collector may take, for each request and at the end.
    const PATIENCE: Duration = Duration::from_secs(5);
    /// What an answer may have: nobody reads more of it.
    const ANSWER: usize = 64 * 1024;

    /// Sends them to a collector, from the threads of a runtime.
    pub(crate) fn begin(endpoint: &str, handle: &Handle) -> Result<(Traces, Listener), String> {
        // A password in it would be shown with the configuration.
        if !endpoint.starts_with("http://") || endpoint.contains('@') {
            return Err(format!(
                "log.traces: `{}` is no address of a collector: write one of this host or network, like \
                 http://127.0.0.1:4318/v1/traces, and let the collector speak TLS to others",
                shown_url(endpoint)
                    .chars()
                    .take(80)
                    .flat_map(char::escape_default)
                    .collect::<String>()
            ));
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpJson)
            .with_endpoint(endpoint)
            .with_timeout(PATIENCE)
            .with_http_client(OnRuntime {
                client: Client::builder(TokioExecutor::new()).build_http(),
                handle: handle.clone(),
            })
            .build()
            .map_err(|error| format!("log.traces: {error}"))?;
        let resource = Resource::builder().with_service_name("leasehold-sweeper");
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource.build())
            .build();
        let tracer = provider.tracer("leasehold");
        // Not of the sending itself.
        let ours = Targets::new()
            .with_target("sweeper", LevelFilter::DEBUG)
            .with_target("queue_core", LevelFilter::INFO);
        let listener = tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_filter(ours);
        Ok((Traces { provider }, listener.boxed()))
    }

    impl Traces {
        /// Sends the rest. It blocks.
        pub(crate) fn end(self) {
            if let Err(error) = self.provider.shutdown_with_timeout(PATIENCE) {
                tracing::warn!(%error, "the last traces were not sent");
            }
        }
    }

    /// The batches are sent from a thread of their own, and the client wants a runtime.
    struct OnRuntime {
        client: Client<HttpConnector, Full<Bytes>>,
        handle: Handle,
    }

    impl fmt::Debug for OnRuntime {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("OnRuntime")
        }
    }

    #[async_trait]
    impl HttpClient for OnRuntime {
        async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
            let sending = self.client.request(request.map(Full::new));
            let sent = self.handle.spawn(async move {
                let answer = tokio::time::timeout(PATIENCE, sending).await??;
                let (head, body) = answer.into_parts();
                let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
                Ok(Response::from_parts(head, body))
            });
            sent.await?
        }
    }
}
