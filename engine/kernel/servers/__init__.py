"""The two servers the product stands on: as configured, or embedded ones under the data folder."""

from engine.kernel.servers.servers import Servers, open_servers

__all__ = ["Servers", "open_servers"]
