"""Work that takes long and that people watch: bulk actions, imports, exports."""
