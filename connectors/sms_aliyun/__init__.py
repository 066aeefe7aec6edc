"""阿里云短信 (Aliyun SMS) over its RPC interface."""
