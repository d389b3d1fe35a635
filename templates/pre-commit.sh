
# A commit that changes neither the catalog nor what is made from it is not looked at.
git --literal-pathspecs diff --cached --quiet --no-ext-diff -- @PATHS@ && exit 0

if ! command -v composegen >/dev/null 2>&1; then
    echo "error: composegen is not in the PATH, and this commit changes what it checks" >&2
    echo "  help: install it, or add its folder to the PATH; \`git commit --no-verify\` commits without the check" >&2
    exit 1
fi
exec @COMMAND@
