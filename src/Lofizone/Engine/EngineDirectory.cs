using System.Globalization;
using System.Text;
using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Engine;

/// <summary>The files in an engine's runtime directory <c>/run/lofizone/lofi/N</c> (mode 0700).</summary>
internal sealed record EngineDirectory(string Path)
{
    /// <summary>Number of the device.</summary>
    public int Number => int.Parse(System.IO.Path.GetFileName(Path), CultureInfo.InvariantCulture);

    /// <summary>The launcher's parameters for the engine.</summary>
    public string Parameters => System.IO.Path.Combine(Path, "parameters.json");

    /// <summary>
    /// The parameters of an engine that is being ended. A starting engine does not see this file, and the file stays until the engine's
    /// claim on the server is released.
    /// </summary>
    public string Claim => System.IO.Path.Combine(Path, "claim.json");

    /// <summary>Identity of the engine's process. The engine writes this file first, and removes it last when it ends in order.</summary>
    public string Process => System.IO.Path.Combine(Path, "process.json");

    /// <summary>Identity of the keeper's process: number and start time. The keeper writes this file first.</summary>
    public string Keeper => System.IO.Path.Combine(Path, "keeper");

    /// <summary>Identity of the process that watches a device without an engine: number and start time.</summary>
    public string Watch => System.IO.Path.Combine(Path, "watch");

    /// <summary>The control socket.</summary>
    public string Control => System.IO.Path.Combine(Path, ControlName);

    /// <summary>Written once when the engine is fenced; see <see cref="EngineFence"/>.</summary>
    public string Fence => System.IO.Path.Combine(Path, "fence.json");

    /// <summary>The reason, in words, why the keeper starts no other engine. The keeper writes this file.</summary>
    private string GaveUp => System.IO.Path.Combine(Path, "gave-up");

    /// <summary>Longest reason that is read, bytes.</summary>
    private const int GaveUpLimitBytes = 1024;

    public void WriteGaveUp(string why) => WriteVolatile(GaveUp, Encoding.UTF8.GetBytes(why));

    /// <summary>The keeper's reason for giving up; null when no keeper of this directory has given up.</summary>
    public string? ReadGaveUp() => HostFile.Read(GaveUp) is { } why
        ? Encoding.UTF8.GetString(why.AsSpan(0, Math.Min(why.Length, GaveUpLimitBytes)))
        : null;

    /// <summary>Made when the engine was ended because its server did not answer.</summary>
    private string Silent => System.IO.Path.Combine(Path, "silent");

    /// <summary>Time for which a found silence of the server counts: for the rest of the command that found it.</summary>
    private static readonly TimeSpan _silenceLimit = TimeSpan.FromSeconds(10);

    public void NoteSilent() => File.WriteAllBytes(Silent, []);

    /// <summary>
    /// True when the engine was just ended because its server did not answer, so that further questions to the server are useless.
    /// </summary>
    public bool WasSilent(TimeProvider time) => File.Exists(Silent) && time.GetUtcNow() - File.GetLastWriteTimeUtc(Silent) < _silenceLimit;

    /// <summary>Exists while writing is held because the share is full. Holds the time since when.</summary>
    private string Held => System.IO.Path.Combine(Path, "held");

    /// <summary>Exists while the server of a device without an engine does not answer. Holds the time since when.</summary>
    private string Away => System.IO.Path.Combine(Path, "away");

    /// <summary>Notes the time since when writing is held; null: writing is not held.</summary>
    public void NoteHeld(DateTimeOffset? since) => NoteSince(Held, since);

    public DateTimeOffset? ReadHeld() => ReadSince(Held);

    /// <summary>Notes the time since when the server does not answer; null: the server answers.</summary>
    public void NoteAway(DateTimeOffset? since) => NoteSince(Away, since);

    public DateTimeOffset? ReadAway() => ReadSince(Away);

    private static void NoteSince(string file, DateTimeOffset? since)
    {
        if (since is { } at)
            WriteVolatile(file, Encoding.ASCII.GetBytes(at.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)));
        else
            File.Delete(file);
    }

    private static DateTimeOffset? ReadSince(string file) =>
        HostFile.Read(file) is { } text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long at)
            && at <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;

    /// <summary>True when the engine has been fenced, so that no data can be stored through the engine any more.</summary>
    public bool IsFenced => File.Exists(Fence);

    /// <summary>The regular file on which FUSE shows the image.</summary>
    public string Image => System.IO.Path.Combine(Path, "image");

    public const string ControlName = "control";

    /// <summary>The engine's process as the engine has written it; null before that.</summary>
    public ProcessIdentity? ReadProcess() =>
        HostFile.Read(Process) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineProcessRecord)?.Identity : null;

    /// <summary>The keeper's process as the keeper has written it; null before that.</summary>
    public ProcessIdentity? ReadKeeper() => ReadIdentity(Keeper);

    /// <summary>The process that watches a device without an engine; null when there is none.</summary>
    public ProcessIdentity? ReadWatch() => ReadIdentity(Watch);

    private static ProcessIdentity? ReadIdentity(string file)
    {
        if (HostFile.Read(file) is not { } text)
            return null;
        string[] fields = Encoding.ASCII.GetString(text).Split(' ', '\n');
        return fields.Length >= 2 && int.TryParse(fields[0], CultureInfo.InvariantCulture, out int pid)
            && long.TryParse(fields[1], CultureInfo.InvariantCulture, out long start)
            ? new ProcessIdentity(pid, start)
            : null;
    }

    /// <summary>Called by the keeper itself. The file is not JSON, so that the keeper stays small.</summary>
    public void WriteKeeper(ProcessIdentity keeper) => WriteIdentity(Keeper, keeper);

    /// <summary>Called by the watch itself.</summary>
    public void WriteWatch(ProcessIdentity watch) => WriteIdentity(Watch, watch);

    private static void WriteIdentity(string file, ProcessIdentity process) =>
        WriteVolatile(file, Encoding.ASCII.GetBytes($"{process.Pid} {process.StartTicks}\n"));

    /// <summary>Called by the engine itself.</summary>
    public void WriteProcess(ProcessIdentity engine) =>
        WriteVolatile(
            Process,
            JsonSerializer.SerializeToUtf8Bytes(
                new EngineProcessRecord(engine.Pid, engine.StartTicks), EngineJson.Default.EngineProcessRecord));

    /// <summary>
    /// Writes a file atomically, but does not flush it. The content means nothing after a crash of the host, and a successor engine is in a
    /// hurry.
    /// </summary>
    private static void WriteVolatile(string path, ReadOnlySpan<byte> content)
    {
        string temporary = $"{path}.{Environment.ProcessId}";
        File.WriteAllBytes(temporary, content);
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>
    /// Takes the parameters away from an engine that has not read them yet, and returns them; null when there never were any. Another
    /// command may repeat the call after this command was killed.
    /// </summary>
    public EngineParameters? TakeParameters()
    {
        if (File.Exists(Parameters))
            File.Move(Parameters, Claim, overwrite: true);
        return HostFile.Read(Claim) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineParameters) : null;
    }

    /// <summary>Gives the parameters back, because the engine goes on, and with it the keeper's watch.</summary>
    public void GiveParametersBack()
    {
        if (File.Exists(Claim))
            File.Move(Claim, Parameters, overwrite: true);
    }

    /// <summary>
    /// Ends keeper and engine at once, so that requests which wait for them in the kernel fail. Without the parameters neither starts the
    /// other again: a starting process writes its identity first, and then finds no parameters.
    /// </summary>
    public void Kill()
    {
        TakeParameters();
        HashSet<ProcessIdentity> killed = [];
        while (true)
        {
            ProcessIdentity[] alive = [.. new[] { ReadKeeper(), ReadProcess() }.OfType<ProcessIdentity>().Where(p => killed.Add(p))];
            if (alive.Length == 0)
                break;
            foreach (ProcessIdentity process in alive)
                Processes.Send(process, Signal.Kill);
        }

        AbortRequests();
    }

    /// <summary>
    /// Ends the requests that wait for the engine, without waiting for the engine's end. An engine may itself wait in the kernel for such a
    /// request (memory that is written back to the engine's device), and could not die otherwise.
    /// </summary>
    private void AbortRequests()
    {
        try
        {
            Mount.Detach(Image, UnmountFlags.Force | UnmountFlags.NoFollow);
        }
        catch (LinuxException e) when (e.Errno is Errno.EBUSY or Errno.EINVAL or Errno.ENOENT)
        {
            // Either the connection is aborted although the device still has the file open, or the file is not mounted (yet).
        }
    }

    /// <summary>Removes the mount and files of engines and keepers that have ended. False when there were none.</summary>
    public bool Remove()
    {
        if (!Directory.Exists(Path))
            return false;
        while (MountTable.Read().At(Image) is not null)
            Mount.Detach(Image, UnmountFlags.Detach | UnmountFlags.NoFollow);
        HostFile.RemoveDirectory(Path);
        return true;
    }
}
