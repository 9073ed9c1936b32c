"""The worker's link to the broker, which outlives a broker that dies while a task runs."""

from celery.worker import consumer


class Consumer(consumer.Consumer):
    """Celery's consumer without its attempt to hand messages back to a broker that is gone.

    kombu 5.7 closes a channel twice after a lost connection; with a message that is not acknowledged the second time
    raises AttributeError and ends the worker. Nothing is lost by not handing back: our rows are the queue.
    """

    def on_connection_error_after_connected(self, exc):
        for channel in self.connection.transport.channels:
            channel.do_restore = False
        super().on_connection_error_after_connected(exc)
