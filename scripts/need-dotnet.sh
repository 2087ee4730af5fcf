# Sourced by the other scripts: the repository's root, and the .NET SDK or one line on how to get it.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    echo "The .NET 10 SDK is missing. Install it (https://dot.net/download, or the package dotnet-sdk-10.0 of your system) and run this again." >&2
    exit 2
fi
