//! A session with a server, for code that waits. Unlike the client library's own blocking session it
//! never waits for ever: a server that is stopped, or behind a network that swallows everything, keeps
//! its connections open and says nothing. It also sends several statements at once (pipelining), so
//! that what belongs together costs one way to the server and back.

use core::future::{Future, poll_fn};
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;
use std::io;
use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::types::ToSql;
use tokio_postgres::{AsyncMessage, Config, Error, Row, Socket, Statement};

/// A parameter of a statement.
pub(super) type Parameter<'a> = &'a (dyn ToSql + Sync);

/// Why a server did not do what it was asked.
#[derive(Debug)]
pub(super) enum Failure {
    /// It said why, or is gone.
    Server(Error),
    /// It did not answer within this time. What became of the question is not known, and the session
    /// is not used again.
    Silent(Duration),
    /// There is no runtime to wait with.
    Runtime(io::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Server(error)
    }
}

/// One statement among several that are sent together.
pub(super) enum Message<'a> {
    /// Statements without parameters or answers.
    Script(&'a str),
    /// One that changes rows.
    Change(&'a Statement, Vec<Parameter<'a>>),
    /// One that asks.
    Question(&'a Statement, Vec<Parameter<'a>>),
}

/// What it came to.
#[derive(Debug)]
pub(super) enum Reply {
    /// The script was run.
    Done,
    /// So many rows were changed.
    Changed(u64),
    /// The answer.
    Rows(Vec<Row>),
}

/// A statement under way.
type Work<'a> = Pin<Box<dyn Future<Output = Result<Reply, Error>> + 'a>>;

/// A session.
pub(super) struct Client {
    client: tokio_postgres::Client,
    notified: Arc<Notify>,
    /// How long an answer may take; `None` while a record is made or migrated.
    patience: Option<Duration>,
    /// It did not answer in time.
    silent: bool,
    // Last: the connection's task ends with it.
    runtime: Runtime,
}

impl Client {
    /// Connects to the one server that `config` names.
    pub(super) fn connect<T>(
        config: &Config,
        tls: T,
        connecting: Duration,
        patience: Option<Duration>,
    ) -> Result<Self, Failure>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
    {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(Failure::Runtime)?;
        let notified = Arc::new(Notify::new());
        let heard = Arc::clone(&notified);
        let client = runtime.block_on(async {
            // The client library's own limit ends when the connection is open, and a stopped server
            // lets the operating system open it.
            let connected = timeout(connecting, config.connect(tls)).await;
            let (client, mut connection) = connected.map_err(|_| Failure::Silent(connecting))??;
            tokio::spawn(async move {
                while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                    if matches!(message, AsyncMessage::Notification(_)) {
                        heard.notify_one();
                    }
                }
            });
            Ok::<_, Failure>(client)
        })?;
        Ok(Self {
            client,
            notified,
            patience,
            silent: false,
            runtime,
        })
    }

    /// Runs statements without parameters.
    pub(super) fn script(&mut self, sql: &str) -> Result<(), Failure> {
        let work = self.client.batch_execute(sql);
        wait(&self.runtime, self.patience, &mut self.silent, work)
    }

    pub(super) fn prepare(&mut self, sql: &str) -> Result<Statement, Failure> {
        let work = self.client.prepare(sql);
        wait(&self.runtime, self.patience, &mut self.silent, work)
    }

    /// All rows of an answer.
    pub(super) fn query(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Failure> {
        let work = self.client.query(sql, parameters);
        wait(&self.runtime, self.patience, &mut self.silent, work)
    }

    /// The row of an answer that has one.
    pub(super) fn query_one(
        &mut self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Row, Failure> {
        let work = self.client.query_one(sql, parameters);
        wait(&self.runtime, self.patience, &mut self.silent, work)
    }

    /// Sends all messages, then waits for all answers. The server does them in this order. In a
    /// transaction, those behind one that fails fail too.
    pub(super) fn together(
        &mut self,
        messages: &[Message<'_>],
    ) -> Result<Vec<Result<Reply, Error>>, Failure> {
        let client = &self.client;
        let mut work: Vec<Work<'_>> = messages
            .iter()
            .map(|message| -> Work<'_> {
                match message {
                    Message::Script(sql) => {
                        Box::pin(async { client.batch_execute(sql).await.map(|()| Reply::Done) })
                    }
                    Message::Change(statement, parameters) => Box::pin(async {
                        let done = client.execute(*statement, parameters).await;
                        done.map(Reply::Changed)
                    }),
                    Message::Question(statement, parameters) => Box::pin(async {
                        client.query(*statement, parameters).await.map(Reply::Rows)
                    }),
                }
            })
            .collect();
        let mut replies: Vec<Option<Result<Reply, Error>>> = work.iter().map(|_| None).collect();
        // Each sends when it is first asked for its answer, so all are asked in order before any is
        // waited for.
        let all = poll_fn(|cx| {
            let mut waiting = false;
            for (work, reply) in work.iter_mut().zip(&mut replies) {
                if reply.is_none() {
                    match work.as_mut().poll(cx) {
                        Poll::Ready(done) => *reply = Some(done),
                        Poll::Pending => waiting = true,
                    }
                }
            }
            if waiting {
                Poll::Pending
            } else {
                Poll::Ready(Ok(()))
            }
        });
        wait(&self.runtime, self.patience, &mut self.silent, all)?;
        Ok(replies.into_iter().flatten().collect())
    }

    /// Waits until the server notifies of something, or for as long as `limit`.
    pub(super) fn wait_for_news(&mut self, limit: Duration) {
        let notified = &self.notified;
        let _ = self
            .runtime
            .block_on(async { timeout(limit, notified.notified()).await });
    }

    /// Whether it cannot be used any more. Hears what has come without being asked for, such as the
    /// server's farewell.
    pub(super) fn is_lost(&mut self) -> bool {
        self.runtime.block_on(async {
            // One for the runtime to look at the socket, one for the connection to read it.
            for _ in 0..2 {
                tokio::task::yield_now().await;
            }
        });
        self.silent || self.client.is_closed()
    }
}

/// Waits for an answer, and not longer than there is patience for.
fn wait<T>(
    runtime: &Runtime,
    patience: Option<Duration>,
    silent: &mut bool,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Failure> {
    let Some(patience) = patience else {
        return Ok(runtime.block_on(work)?);
    };
    if *silent {
        return Err(Failure::Silent(patience));
    }
    match runtime.block_on(async { timeout(patience, work).await }) {
        Ok(done) => Ok(done?),
        Err(_) => {
            *silent = true;
            Err(Failure::Silent(patience))
        }
    }
}
