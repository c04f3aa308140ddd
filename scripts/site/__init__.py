"""The companion site: pages out of docs/, figures/ and the claims, for Sphinx to build."""
