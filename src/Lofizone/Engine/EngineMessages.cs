using System.Text.Json.Serialization;
using Lofizone.Interop;
using Lofizone.Ownership;
using Lofizone.Shares;
using Lofizone.Tracing;

namespace Lofizone.Engine;

/// <summary>What an engine is told by its launcher; kept in its directory for as long as it runs.</summary>
/// <param name="File">URI of the image.</param>
/// <param name="Uid">AUTH_SYS user.</param>
/// <param name="Gid">AUTH_SYS group.</param>
/// <param name="ClientOwner">Who this attachment is to the server: random, never another's.</param>
/// <param name="LogFile">Where the engine writes what happens to it.</param>
/// <param name="Attachment">Random name of the device, which its owner record carries (<see cref="ImageOwner"/>).</param>
/// <param name="HostRoot">Root of the host's files (<see cref="Lofizone.Hosts.HostPaths.Root"/>).</param>
/// <param name="Trace">What is traced from the start.</param>
internal sealed record EngineParameters(
    string File, uint Uid, uint Gid, byte[] ClientOwner, string LogFile, string Attachment = "", string HostRoot = "/",
    TraceLayers Trace = TraceLayers.None, string? Zone = null)
{
    /// <summary>As whom the server is asked.</summary>
    [JsonIgnore]
    public NfsIdentity Identity => new(Uid, Gid);

    /// <summary>Where messages are traced: beside the log.</summary>
    [JsonIgnore]
    public string TraceFile => Path.ChangeExtension(LogFile, ".trace");
}

/// <summary>Identity of the engine's process.</summary>
internal sealed record EngineProcessRecord(int Pid, long StartTicks)
{
    public ProcessIdentity Identity => new(Pid, StartTicks);
}

/// <summary>How starting or stopping an engine ended: one line of JSON.</summary>
internal sealed record EngineReport
{
    public required EngineOutcome Outcome { get; init; }

    /// <summary>Message of a failure.</summary>
    public string? Message { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Advice { get; init; }
}

internal enum EngineOutcome
{
    /// <summary>Done as asked.</summary>
    Done,

    /// <summary>The image's lock is another's.</summary>
    Locked,

    /// <summary>Anything else; the message says what.</summary>
    Failed,
}

/// <summary>An engine that serves.</summary>
/// <param name="Process">Its process.</param>
/// <param name="ImagePath">The file that stands for the image.</param>
public sealed record EngineReady(ProcessIdentity Process, string ImagePath);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true,
    DefaultIgnoreCondition =
        JsonIgnoreCondition.WhenWritingNull, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(EngineParameters))]
[JsonSerializable(typeof(EngineProcessRecord))]
[JsonSerializable(typeof(EngineReport))]
[JsonSerializable(typeof(EngineStatus))]
[JsonSerializable(typeof(EngineFence))]
[JsonSerializable(typeof(EngineStatistics))]
internal sealed partial class EngineJson : JsonSerializerContext;
