using System.Text.Json;
using Lofizone.Hosts;
using Lofizone.Interop;

namespace Lofizone.Lofi;

/// <summary>The files in an engine's runtime directory <c>/run/lofizone/lofi/N</c> (mode 0700).</summary>
internal sealed record EngineDirectory(string Path)
{
    /// <summary>What the launcher tells the engine.</summary>
    public string Parameters => System.IO.Path.Combine(Path, "parameters.json");

    /// <summary>The parameters of an engine that is being ended: out of a starting engine's sight, kept until its claim on the server is released.</summary>
    public string Claim => System.IO.Path.Combine(Path, "claim.json");

    /// <summary>Which process the engine is; the first thing it writes, and the last it removes when it ends in order.</summary>
    public string Process => System.IO.Path.Combine(Path, "process.json");

    /// <summary>The control socket.</summary>
    public string Control => System.IO.Path.Combine(Path, ControlName);

    /// <summary>Written once when the engine is fenced; see <see cref="EngineFence"/>.</summary>
    public string Fence => System.IO.Path.Combine(Path, "fence.json");

    /// <summary>The engine has been fenced: nothing can be stored through it any more.</summary>
    public bool IsFenced => File.Exists(Fence);

    /// <summary>The regular file on which the image appears, by FUSE.</summary>
    public string Image => System.IO.Path.Combine(Path, "image");

    public const string ControlName = "control";

    /// <summary>The engine's process as it wrote it down; null when it has not yet.</summary>
    public ProcessIdentity? ReadProcess() =>
        HostFile.Read(Process) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineProcessRecord)?.Identity : null;

    /// <summary>
    /// Takes the parameters away from an engine that has not read them yet, and returns them; null when there never were any.
    /// May be repeated by another command after this one was killed.
    /// </summary>
    public EngineParameters? TakeParameters()
    {
        if (File.Exists(Parameters))
            File.Move(Parameters, Claim, overwrite: true);
        return HostFile.Read(Claim) is { } json ? JsonSerializer.Deserialize(json, EngineJson.Default.EngineParameters) : null;
    }

    /// <summary>Ends the engine at once: whatever waits for it in the kernel fails and is free.</summary>
    public void Kill()
    {
        if (ReadProcess() is { } engine)
            Processes.Send(engine, Signal.Kill);
    }

    /// <summary>Takes a dead engine's mount and files away; false when there was nothing.</summary>
    public bool Remove()
    {
        if (!Directory.Exists(Path))
            return false;
        while (MountTable.Read().At(Image) is not null)
            Mount.Detach(Image, UnmountFlags.Detach | UnmountFlags.NoFollow);
        Directory.Delete(Path, recursive: true);
        return true;
    }
}
