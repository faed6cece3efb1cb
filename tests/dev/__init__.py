"""What serves the repository: the role of previews, release notes, bills of materials, costs."""
