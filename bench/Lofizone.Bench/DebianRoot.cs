using Lofizone.Programs;

namespace Lofizone.Bench;

/// <summary>The files of the essential, required and important packages of this host, which is what a zone is installed from, as a tar archive.</summary>
internal sealed class DebianRoot(string archive, IProgramRunner runner)
{
    public string Archive => archive;

    public async Task MakeAsync(CancellationToken cancellation)
    {
        ProgramResult packages = await runner.RunCheckedAsync(
            new ProgramCall("dpkg-query", "--show", "--showformat", "${binary:Package} ${Essential} ${Priority} ${db:Status-Status}\n"), cancellation);
        string[] wanted = [.. packages.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .Where(fields => fields is [_, var essential, var priority, "installed"] && (essential == "yes" || priority is "required" or "important"))
            .Select(fields => fields[0])];
        ProgramResult files = await runner.RunCheckedAsync(new ProgramCall("dpkg-query", ["--listfiles", .. wanted]), cancellation);
        string list = archive + ".list";
        string[] existing = [.. files.Output.Split('\n').Where(path => path is ['/', _, ..] and not "/." && Path.Exists(path))
            .Select(path => RealTop(path)[1..].TrimEnd('/')).Distinct().Order(StringComparer.Ordinal)];
        await File.WriteAllLinesAsync(list, existing, cancellation);
        await runner.RunCheckedAsync(
            new ProgramCall("tar", "--create", "--file", archive, "--directory", "/", "--no-recursion", "--hard-dereference", "--files-from", list), cancellation);
    }

    /// <summary>The path without the link that its first directory is on a host with merged /usr.</summary>
    private static string RealTop(string path)
    {
        int slash = path.IndexOf('/', 1);
        return slash > 0 && Directory.ResolveLinkTarget(path[..slash], returnFinalTarget: true) is { } target ? target.FullName + path[slash..] : path;
    }
}
