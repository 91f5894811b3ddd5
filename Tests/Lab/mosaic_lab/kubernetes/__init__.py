"""A Kubernetes API server with etcd and the controllers that matter, and players of Velero and the kubelet."""
